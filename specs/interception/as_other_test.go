//go:build !linux

package interception

import "syscall"

// as is never called on this system.
func as(uint32) *syscall.SysProcAttr { return nil }
