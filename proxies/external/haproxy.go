package external

import "time"

// haproxy is a balancer with the origin as its one server. It is handed its
// socket: two of them would share a port without a word, by SO_REUSEPORT.
func haproxy() Product {
	return Product{
		Name:      "haproxy",
		Command:   []string{"haproxy", "-db", "-f", "{{.Dir}}/haproxy.cfg"},
		Files:     map[string]string{"haproxy.cfg": haproxyConfig},
		AccessLog: outputLog,
		Signs:     "x-forwarded-for: ",
		Inherits:  true,
		Stop:      "USR1", // lets it end what it does, its log too
		Grace:     200 * time.Millisecond,
	}
}

// haproxyRetrying is one that sends any request again whose connection died.
func haproxyRetrying() Product {
	p := haproxy()
	p.Name = "haproxy-retrying"
	p.Files["haproxy.cfg"] += "  retry-on all-retryable-errors\n  retries 3\n"
	return p
}

// HAProxy refuses to start with more connections than half of the files that
// it may open. It ends with the backend, so that a variant can add to it.
const haproxyConfig = `global
  maxconn 200
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  option forwardfor
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout http-keep-alive 5s
frontend clients
  bind fd@3
  default_backend gateway
backend gateway
  server origin {{.Origin}} pool-purge-delay 600s
`
