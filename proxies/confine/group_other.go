//go:build !linux

package confine

// Group bounds nothing on this system.
type Group struct{}

// NewGroup makes none on this system.
func NewGroup(string) (*Group, error) { return nil, nil }

// Folders are none on this system.
func (*Group) Folders() string { return "" }

// Exceeded is never said on this system.
func (*Group) Exceeded() string { return "" }

// End does nothing on this system.
func (*Group) End() {}

// Close does nothing on this system.
func (*Group) Close() error { return nil }
