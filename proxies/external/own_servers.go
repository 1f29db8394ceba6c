package external

import (
	"regexp"
	"time"
)

// apacheOwn is Apache httpd. One that proxies nothing yet becomes a forward
// proxy whose parent is the origin.
func apacheOwn() own {
	const proxies = `(?mi)^[ \t]*(?:ProxyPass|ProxyPassMatch|ProxyRequests|BalancerMember)\b`
	return own{
		Product: Product{
			Name:    "apache2",
			Command: []string{"apache2", "-D", "FOREGROUND", "-f", "{{.Dir}}/apache2.conf"},
			Environment: []string{"APACHE_RUN_DIR={{.Dir}}", "APACHE_PID_FILE={{.Dir}}/apache2.pid", "APACHE_LOCK_DIR={{.Dir}}", "APACHE_LOG_DIR={{.Dir}}",
				"APACHE_RUN_USER={{or .User \"www-data\"}}", "APACHE_RUN_GROUP={{or .User \"www-data\"}}"},
			AccessLog: "access.log", Logs: []string{"error.log"},
			Users: []string{"www-data", "apache"}, Stop: "TERM",
		},
		files: []string{"apache2*.conf", "httpd*.conf"}, as: "apache2.conf", home: "/etc/apache2",
		includes: `(?mi)^[ \t]*Include(?:Optional)?[ \t]+(\S+).*$`,
		rules: []rule{
			{find: `(?mi)^[ \t]*(?:ProxyPass|ProxyPassMatch|BalancerMember)\b.*\b(?:https|ajp|fcgi|wss?|h2c?)://.*$`, refuse: "the origin speaks HTTP alone: say http"},
			{find: directive(`Listen|PidFile|User|Group|ErrorLog|CustomLog|TransferLog|GlobalLog|Mutex|DefaultRuntimeDir|ScoreBoardFile|ProxyRemote|ProxyRemoteMatch`)},
			{find: `(?mi)^([ \t]*<VirtualHost)[ \t]+[^>]*:443[ \t]*>`, put: "$1 127.0.0.1:1>"}, // which nobody reaches
			{find: `(?mi)^([ \t]*<VirtualHost)[ \t]+[^>]*[^1>]>`, put: "$1 {{.Address}}>"},
			{find: `(?mi)^([ \t]*(?:ProxyPass|ProxyPassMatch|BalancerMember)\b.*?)\bhttp://[^/\s"]+`, put: "${1}http://{{.Origin}}"},
			beginning(apacheModules),
			ending(apachePlace + apacheParent),
			{unless: proxies, find: `\z`, put: "\nProxyRequests On\n"},
		},
	}
}

const apacheModules = `<IfModule !proxy_module>
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
</IfModule>
<IfModule !proxy_http_module>
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
</IfModule>`

const apachePlace = `Listen {{.Address}}
PidFile {{.Dir}}/apache2.pid
DefaultRuntimeDir {{.Dir}}
Mutex file:{{.Dir}} default
{{if .User}}User {{.User}}
Group {{.User}}
{{end}}ErrorLog {{.Dir}}/error.log
CustomLog {{.Dir}}/access.log "%h %t \"%r\" %>s"
`

const apacheParent = `ProxyRemote "*" "http://{{.Origin}}"
`

// lighttpdOwn is lighttpd, whose later settings outdo earlier ones only where
// they are forced.
func lighttpdOwn() own {
	const proxies = `\bproxy\.server\b`
	return own{
		Product: Product{
			Name: "lighttpd", Command: []string{"lighttpd", "-D", "-f", "{{.Dir}}/lighttpd.conf"},
			AccessLog: "access.log", Logs: []string{"error.log"}, Users: []string{"www-data", "lighttpd"}, Stop: "TERM",
		},
		files: []string{"lighttpd*.conf"}, as: "lighttpd.conf", home: "/etc/lighttpd",
		includes: `(?m)^[ \t]*include[ \t]+("[^"]+").*$`,
		rules: []rule{
			{find: `(?m)^[ \t]*\$SERVER\["socket"\].*$`, refuse: "a second address: take it out"},
			{find: directive(`server\.(?:port|bind|pid-file|username|groupname|errorlog|breakagelog|chroot)|accesslog\.\S+|include_shell[^\n]*use-ipv6\.pl`)},
			{when: proxies, find: `("host"\s*=>\s*)"[^"]*"`, put: `$1"{{.OriginHost}}"`},
			{when: proxies, find: `("port"\s*=>\s*)"?\d+"?`, put: `$1{{.OriginPort}}`},
			ending(lighttpdPlace),
			{unless: `"mod_proxy"`, find: `\z`, put: `server.modules += ("mod_proxy")` + "\n"},
			{unless: `"mod_accesslog"`, find: `\z`, put: `server.modules += ("mod_accesslog")` + "\n"},
			{unless: proxies, find: `\z`, put: `proxy.server = ("" => (("host" => "{{.OriginHost}}", "port" => {{.OriginPort}})))` + "\n"},
		},
	}
}

const lighttpdPlace = `server.bind = "{{.Host}}"
server.port = {{.Port}}
server.pid-file = "{{.Dir}}/lighttpd.pid"
server.errorlog = "{{.Dir}}/error.log"
accesslog.filename = "{{.Dir}}/access.log"
accesslog.format = "%h %t \"%r\" %s"
server.upload-dirs := ("{{.Dir}}")
{{if .User}}server.username = "{{.User}}"
server.groupname = "{{.User}}"
{{end}}`

// trafficServerOwn is Apache Traffic Server, whose environment outdoes its
// records. Where everything goes is in a file beside them.
func trafficServerOwn() own {
	return own{
		Product: Product{
			Name: "trafficserver", Command: []string{"traffic_server", "--run-root={{.Dir}}/runroot.yaml"},
			Environment: []string{
				"PROXY_CONFIG_HTTP_SERVER_PORTS={{.Port}}:ip-in={{.Host}}", "PROXY_CONFIG_URL_REMAP_PRISTINE_HOST_HDR=1", "PROXY_CONFIG_REVERSE_PROXY_ENABLED=1",
				`PROXY_CONFIG_ADMIN_USER_ID={{or .User "#-1"}}`, "PROXY_CONFIG_CRASH_LOG_HELPER=NULL",
			},
			Files: map[string]string{
				"runroot.yaml":   trafficServerFolders,
				"remap.config":   "regex_map http://.*/ http://{{.Origin}}/\nregex_map http://.*:{{.OriginPort}}/ http://{{.Origin}}/\n",
				"storage.config": "{{.Dir}} 64M\n", // less, and it dies at start
			},
			Logs: []string{"diags.log"}, Users: []string{"trafficserver", "nobody"}, Stop: "TERM", Grace: 100 * time.Millisecond,
		},
		files: []string{"records*.config"}, as: "records.config", neighbours: true,
	}
}

const trafficServerFolders = `prefix: /usr
bindir: /usr/bin
sbindir: /usr/sbin
libdir: /usr/lib/trafficserver
libexecdir: /usr/lib/trafficserver/modules
includedir: /usr/include
datadir: /usr/share/trafficserver
mandir: /usr/share/man
infodir: /usr/share/info
sysconfdir: {{.Dir}}
localstatedir: {{.Dir}}
runtimedir: {{.Dir}}
logdir: {{.Dir}}
cachedir: {{.Dir}}
`

// upstreams puts the origin in the place of nginx's upstream servers, and of
// those that are named where they are used.
func upstreams(text string) string {
	named := map[string]bool{}
	for _, m := range regexp.MustCompile(`\bupstream\s+(\S+?)\s*\{`).FindAllStringSubmatch(text, -1) {
		named[m[1]] = true
	}
	text = rule{find: `(\bserver\s+)[^\s;{]+([^;{}]*;)`, put: "${1}{{.Origin}}$2"}.change(text)
	pass := regexp.MustCompile(`(\bproxy_pass\s+http://)([^/;\s]+)`)
	return pass.ReplaceAllStringFunc(text, func(s string) string {
		if m := pass.FindStringSubmatch(s); !named[m[2]] {
			return m[1] + "{{.Origin}}"
		}
		return s
	})
}

// listening gives an address to those of nginx's servers that name none: they
// would take port 80 of the machine.
func listening(text string) string {
	begin := regexp.MustCompile(`\bserver\s*\{`)
	at := begin.FindAllStringIndex(text, -1)
	for i := len(at) - 1; i >= 0; i-- {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		if !regexp.MustCompile(`\blisten\s`).MatchString(text[at[i][1]:end]) {
			text = text[:at[i][1]] + " listen {{.Address}};" + text[at[i][1]:]
		}
	}
	return text
}
