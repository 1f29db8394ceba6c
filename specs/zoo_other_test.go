//go:build !unix

package specs

// wild are the clients that no harness should fall over; they need signals.
var wild map[string]func()
