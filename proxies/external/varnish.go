package external

import "time"

// Varnish is a cache that does not cache POSTs, as it is installed. It compiles
// its configuration with a C compiler when it starts. Its log is in memory, for
// other programs to read; what it signs has to do. It is told not to spare an
// origin that refused a connection: that is one probe's end and another's begin.
func Varnish() Product {
	return Product{
		Name: "varnish",
		Command: []string{"varnishd", "-F", "-j", "none", "-n", "{{.Dir}}/work", "-a", "{{.Address}}", "-b", "{{.Origin}}",
			"-T", "none", "-s", "malloc,16m", "-p", "thread_pools=1", "-p", "thread_pool_min=10", "-p", "backend_remote_error_holddown=0"},
		Signs:    "X-Varnish: ",
		Stop:     "TERM",
		Patience: time.Minute, // a compiler takes its time where others compile as well
	}
}
