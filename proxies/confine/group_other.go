//go:build !linux

package confine

// Group limits nothing on this system.
type Group struct{}

// NewGroup returns nil on this system.
func NewGroup(string) (*Group, error) { return nil, nil }

// Folders returns "" on this system.
func (*Group) Folders() string { return "" }

// Exceeded returns "" on this system.
func (*Group) Exceeded() string { return "" }

// End does nothing on this system.
func (*Group) End() {}

// Close does nothing on this system.
func (*Group) Close() error { return nil }
