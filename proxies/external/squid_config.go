package external

import (
	"fmt"
	"net"
	"strings"
)

// squidConfig writes squid.conf. Squid listens at addr, sends everything to
// origin and keeps its files in dir; user is empty unless we are root.
func squidConfig(addr, origin, dir, user string) string {
	host, port, _ := net.SplitHostPort(origin) // checked before
	lines := []string{
		"http_port " + addr,
		fmt.Sprintf("cache_peer %s parent %s 0 no-query no-digest no-netdb-exchange originserver name=origin connect-fail-limit=1000000", host, port),
		"never_direct allow all",
		"http_access allow all",
		"cache deny all",
		"cache_mem 1 MB",
		"memory_pools off",
		"icp_port 0",
		"pinger_enable off",
		"dns_nameservers 127.0.0.1", // nothing is looked up; if it were, nothing would leave the machine
		"via on",
		"visible_hostname gauntlet-squid",
		"max_filedescriptors 1024", // Squid allocates tables for as many as it may open
		"shutdown_lifetime 0 seconds",
		"pid_filename none",
		"netdb_filename none",
		"cache_store_log none",
		fmt.Sprintf("cache_log %q", dir+"/cache.log"),
		fmt.Sprintf("access_log stdio:%s/access.log logformat=squid", dir),
		"strip_query_terms off",
		"buffered_logs off", // each line is there when its answer is
		fmt.Sprintf("coredump_dir %q", dir),
	}
	if user != "" {
		lines = append(lines, "cache_effective_user "+user)
	}
	return strings.Join(lines, "\n") + "\n"
}
