package external

import "time"

// squid is a forward proxy whose one parent is the origin, without cache,
// disk, ICP or name lookups. Its first POST after a start can be a 502,
// therefore one must have gone through before it is ready.
func squid() Product {
	return Product{
		Name: "squid",
		// The service name is that of its shared memory, and must never be the one
		// of the machine's own Squid.
		Command:   []string{"squid", "-N", "-n", "gauntlet{{.Port}}", "-f", "{{.Dir}}/squid.conf"},
		Files:     map[string]string{"squid.conf": squidConfig},
		AccessLog: "access.log", Logs: []string{"cache.log"},
		Signs:     "gauntlet-squid",
		Users:     []string{"proxy", "squid", "_squid", "nobody"},
		Grace:     100 * time.Millisecond, // for its last log line; it would take two seconds with nothing to do
		Leftovers: []string{"/dev/shm/gauntlet{{.Port}}-*.shm"},
	}
}

// Nothing is looked up; if it were, nothing would leave the machine. Squid
// allocates tables for as many files as it may open. Logs are not buffered:
// each line is there when its answer is.
const squidConfig = "http_port {{.Address}}\n" + squidOrigin + squidPlace + `http_access allow all
cache deny all
cache_mem 1 MB
memory_pools off
via on
visible_hostname gauntlet-squid
`

const squidOrigin = `cache_peer {{.OriginHost}} parent {{.OriginPort}} 0 no-query no-digest no-netdb-exchange originserver name=origin connect-fail-limit=1000000
{{if .Tunnels}}acl tunnels method CONNECT
cache_peer {{.TunnelsHost}} parent {{.TunnelsPort}} 0 no-query no-digest no-netdb-exchange name=tunnels connect-fail-limit=1000000
cache_peer_access tunnels allow tunnels
cache_peer_access tunnels deny all
cache_peer_access origin deny tunnels
{{end}}never_direct allow all
`

const squidPlace = `icp_port 0
pinger_enable off
dns_nameservers 127.0.0.1
max_filedescriptors 1024
shutdown_lifetime 0 seconds
pid_filename none
netdb_filename none
cache_store_log none
cache_log "{{.Dir}}/cache.log"
access_log stdio:{{.Dir}}/access.log logformat=squid
strip_query_terms off
buffered_logs off
coredump_dir "{{.Dir}}"
{{if .User}}cache_effective_user {{.User}}{{end}}
`
