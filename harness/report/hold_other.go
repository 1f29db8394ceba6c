//go:build !unix

package report

import "io"

// hold keeps nobody out here: a directory cannot be locked.
func hold(string) (io.Closer, error) { return io.NopCloser(nil), nil }
