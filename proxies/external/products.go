package external

import (
	"time"
)

// Products are those that this package knows how to run, by name.
func Products() map[string]Product {
	table := map[string]Product{}
	for _, p := range []Product{
		squid(), haproxy(), haproxyRetrying(), nginxDefault(), nginxKeepalive(), nginxNonIdempotent(),
		tinyproxy(), privoxy(), varnish(), mitmproxy(), apache(), trafficServer(),
	} {
		table[p.Name] = p
	}
	return table
}

// mitmproxy is a forward proxy to which a script of ours shows the origin in
// place of whatever it would have dialled.
func mitmproxy() Product {
	return Product{
		Name: "mitmproxy",
		Command: []string{"mitmdump", "--listen-host", "{{.Host}}", "--listen-port", "{{.Port}}", "--set", "confdir={{.Dir}}",
			"--set", "flow_detail=0", "--set", "termlog_verbosity=error", "-s", "{{.Dir}}/origin.py"},
		Environment: []string{"PYTHONUNBUFFERED=1", "PYTHONDONTWRITEBYTECODE=1"},
		Files:       map[string]string{"origin.py": mitmproxyScript},
		AccessLog:   outputLog,
		Patience:    time.Minute, // it compiles itself at each start
	}
}

// A request's host and port are where it goes; to set them by themselves would
// change its Host field too.
const mitmproxyScript = `
def requestheaders(flow):
    print(flow.request.method, flow.request.url)
    flow.request.data.host, flow.request.data.port = "{{.OriginHost}}", {{.OriginPort}}

def server_connect(data):
    data.server.address = ("{{.OriginHost}}", {{.OriginPort}})
`

// privoxy sends names to the origin as to a parent proxy, in absolute-form,
// and dials addresses of this machine itself. It filters nothing.
func privoxy() Product {
	return Product{
		Name:      "privoxy",
		Command:   []string{"privoxy", "--no-daemon", "{{.Dir}}/privoxy.conf"},
		Files:     map[string]string{"privoxy.conf": privoxyConfig},
		AccessLog: outputLog,
		Stop:      "TERM",
	}
}

// The templates are those of its pages for failures.
const privoxyConfig = `templdir /etc/privoxy/templates
keep-alive-timeout 5
default-server-timeout 60
connection-sharing 1
tolerate-pipelining 1
socket-timeout 300
accept-intercepted-requests 1
` + privoxyPlace

const privoxyPlace = `debug 512
debug 8192
logdir {{.Dir}}
listen-address {{.Address}}
forward / {{.Origin}}
forward 127.0.0.1 .
{{if .Tunnels}}forward :443 {{.Tunnels}}
{{end}}`

// tinyproxy sends names to the origin as to a parent proxy, in absolute-form,
// and dials addresses of this machine itself.
func tinyproxy() Product {
	return Product{
		Name:      "tinyproxy",
		Command:   []string{"tinyproxy", "-d", "-c", "{{.Dir}}/tinyproxy.conf"},
		Files:     map[string]string{"tinyproxy.conf": tinyproxyConfig},
		AccessLog: "access.log", Logs: []string{"access.log"},
		Signs: "gauntlet-tinyproxy",
		Stop:  "TERM",
	}
}

const tinyproxyConfig = `Timeout 600
MaxClients 100
Allow 127.0.0.1
ViaProxyName "gauntlet-tinyproxy"
` + tinyproxyPlace

const tinyproxyPlace = `Port {{.Port}}
Listen {{.Host}}
LogFile "{{.Dir}}/access.log"
LogLevel Connect
upstream http {{.Origin}}
upstream none "127.0.0.1"
{{range .Domains}}upstream http {{$.Tunnels}} ".{{.}}"
{{end}}`

// varnish is a cache that does not cache POSTs, as it is installed. It compiles
// its configuration with a C compiler when it starts. Its log is in memory, for
// other programs to read; what it signs has to do. It is told not to spare an
// origin that refused a connection: that is one probe's end and another's begin.
func varnish() Product {
	return Product{
		Name: "varnish",
		Command: []string{"varnishd", "-F", "-j", "none", "-n", "{{.Dir}}/work", "-a", "{{.Address}}", "-b", "{{.Origin}}",
			"-T", "none", "-s", "malloc,16m", "-p", "thread_pools=1", "-p", "thread_pool_min=10", "-p", "backend_remote_error_holddown=0"},
		Signs:    "X-Varnish: ",
		Stop:     "TERM",
		Patience: time.Minute, // a compiler takes its time where others compile as well
	}
}

// apache is Apache httpd before one origin, by mod_proxy as it is installed. It is
// told not to spare an origin that refused a connection: that is one probe's end
// and another's begin. It refuses CONNECT, which it would bring to the origin like
// any other request.
func apache() Product {
	p := apacheOwn().Product
	p.Files = map[string]string{"apache2.conf": apacheConfig}
	p.Signs = "X-Forwarded-Server: gauntlet-apache"
	return p
}

// One process: each has connections to the gateway of its own, and which of several a
// client meets is chance.
const apacheConfig = `ServerName gauntlet-apache
StartServers 1
ServerLimit 1
ThreadsPerChild 64
MaxRequestWorkers 64
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule allowmethods_module /usr/lib/apache2/modules/mod_allowmethods.so
` + apacheModules + "\n" + apachePlace + `ProxyPass / http://{{.Origin}}/ retry=0
<Location />
AllowMethods GET HEAD POST
</Location>
`

// trafficServer is Apache Traffic Server before one origin, in one process, as it is
// installed. It is told not to spare an origin that refused a connection: that is one
// probe's end and another's begin.
func trafficServer() Product {
	p := trafficServerOwn().Product
	p.Files["records.config"] = trafficServerConfig
	p.Files["ip_allow.yaml"] = "ip_allow: [{apply: in, ip_addrs: 127.0.0.1, action: allow, methods: ALL}]\n"
	p.Signs = "ApacheTrafficServer/"
	return p
}

// One thread: each has connections to the gateway of its own.
const trafficServerConfig = `CONFIG proxy.config.exec_thread.autoconfig INT 0
CONFIG proxy.config.exec_thread.limit INT 1
CONFIG proxy.config.http.down_server.cache_time INT 0
`
