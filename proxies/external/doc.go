// Package external runs real proxies as processes of ours: one file per
// product holds its command and configuration as templates, the rest finds the
// program, starts it in a process group of its own, waits until it serves, and
// ends it, at the latest when we end ourselves.
//
// The products listen on the loopback interface and send everything to one
// origin, so that nothing leaves the machine. The package knows HTTP as far as
// asking whether a proxy answers; faults and recording happen in front of the
// product, in a relay (package proxies). A Process owns its program, the guardian
// of its process group, its folder if that is temporary, and one goroutine that
// waits for it. A program that leaves its process group escapes us.
package external
