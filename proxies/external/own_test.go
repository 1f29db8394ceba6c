//go:build unix

package external

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// asShipped are the products' own files, as Debian's packages install them.
func asShipped() []string {
	return []string{
		"/etc/squid/squid.conf", "/etc/haproxy/haproxy.cfg", "/etc/nginx/nginx.conf", "/etc/tinyproxy/tinyproxy.conf", "/etc/privoxy/config",
		"/etc/varnish/default.vcl", "/etc/apache2/apache2.conf", "/etc/lighttpd/lighttpd.conf", "/etc/trafficserver/records.config",
	}
}

func TestAProductCarriesPostsByItsOwnFile(t *testing.T) {
	for _, file := range asShipped() {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			if _, err := os.Stat(file); err != nil && os.Getenv("GAUNTLET_NO_SKIP") == "" {
				t.Skip(err)
			}
			p, err := Own(file)
			if err != nil {
				t.Fatal(err)
			}
			o := newOrigin(t)
			process := begin(t, p, o.address())
			carries(t, process, o)
			awaitLog(t, process)
			if err := process.Stop(); err != nil {
				t.Fatal(err)
			}
			logged(t, process)
			nothingLeft(t, process)
		})
	}
}

// written is a configuration in a folder of its own.
func written(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestAnOwnFileGetsOurPlaceAndKeepsItsWays(t *testing.T) {
	for _, c := range []struct{ name, text, has, hasNot string }{
		{"squid.conf", "http_port 3128 ssl-bump\nhttp_port 8080\ncache_peer p parent 1 2\nreply_header_access Via deny all\n",
			"http_port {{.Address}} ssl-bump|reply_header_access Via deny all|cache_peer {{.OriginHost}}", "8080|cache_peer p"},
		{"haproxy.cfg", "global\n user x\nfrontend f\n bind *:80\n bind :443 ssl crt x.pem\n use_backend b\nbackend b\n retries 7\n server s1 10.0.0.1:80 check\n",
			"bind fd@3|unix@{{.Dir}}/1.ssl|server s1 {{.Origin}} check|retries 7", "10.0.0.1|user x|listen gauntlet|*:80"},
		{"nginx.conf", "user x; # y\nhttp { upstream u { server 10.0.0.1:80 weight=2; keepalive 8; }\n server { listen 80 default_server; listen [::]:80;\n location / { proxy_pass http://u/a; } } }",
			"listen {{.Address}} default_server;|listen unix:{{.Dir}}/1.ssl;|server {{.Origin}} weight=2;|proxy_pass http://u/a;|keepalive 8;", "user x|10.0.0.1|:80;|# y"},
		{"nginx-site.conf", "http { server { location / { proxy_pass http://10.0.0.1:80; } } }", "listen {{.Address}};|proxy_pass http://{{.Origin}};", "10.0.0.1"},
		{"nginx-braces.conf", "http { log_format a '{{b}}'; }", `'{{"{{"}}b}}'|server { listen {{.Address}};`, ""},
		{"tinyproxy.conf", "Port 1\nListen 2\nUser x\nMaxClients 5\nupstream http a:1\nAddHeader \"X\" \"y\"\n", "MaxClients 5|Port {{.Port}}|AddHeader", "Port 1|Listen 2|User x|a:1"},
		{"privoxy/config", "listen-address :8118\nforward / a:1\nforward-socks5 / b:2 .\nlogfile l\nsocket-timeout 9\n", "listen-address {{.Address}}|socket-timeout 9", ":8118|a:1|b:2|logfile"},
		{"any.vcl", "vcl 4.1;\nbackend a { .host = \"h\"; .port = \"81\"; .first_byte_timeout = 3s; }\n", "{{.OriginHost}}|{{.OriginPort}}|3s", `"h"|"81"`},
		{"apache2.conf", "Listen 80\n<VirtualHost *:80>\nProxyPass / http://h:1/ retry=0\n</VirtualHost>\n<VirtualHost _default_:443>\n", "<VirtualHost {{.Address}}>|http://{{.Origin}}/ retry=0|<VirtualHost 127.0.0.1:1>", "http://h:1|Listen 80|ProxyRequests On"},
		{"lighttpd.conf", "server.port = 80\nproxy.server = (\"\" => ((\"host\" => \"h\", \"port\" => 1)))\nserver.max-keep-alive-idle = 4\n", `"{{.OriginHost}}"|{{.OriginPort}}|max-keep-alive-idle = 4`, `"h"|=> 1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Own(written(t, c.name, c.text))
			if err != nil {
				t.Fatal(err)
			}
			o, _ := ownerOf(c.name)
			for _, part := range strings.Split(c.has, "|") {
				if !strings.Contains(p.Files[o.as], part) {
					t.Errorf("no %q in\n%s", part, p.Files[o.as])
				}
			}
			for _, part := range strings.Split(c.hasNot, "|") {
				if part != "" && strings.Contains(p.Files[o.as], part) {
					t.Errorf("%q is left in\n%s", part, p.Files[o.as])
				}
			}
		})
	}
}

func TestTheLinesThatMustChangeAreNamedInOneError(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"squid.conf", "# x\nhttp_port 80 intercept\n", `squid.conf:2: "http_port 80 intercept": a port that is no forward proxy's: take it out`},
		{"squid.conf", "via off\n", "no http_port says where it listens"},
		{"haproxy.cfg", "listen a\n bind :80\n\n server a b:443 ssl verify none\n", `haproxy.cfg:4: "server a b:443 ssl verify none": the origin speaks no TLS`},
		{"haproxy.cfg", "listen a\n bind :443 ssl\n server a b:1\n", `no bind without TLS`},
		{"nginx.conf", "http {\nserver {\n# }\nproxy_pass https://a;\nproxy_pass http://$b; } }", `nginx.conf:4: "proxy_pass https://a;": the origin speaks no TLS: say http; `},
		{"nginx.conf", "http {\nserver {\nproxy_pass http://$b; } }", `nginx.conf:3: "proxy_pass http://$b;": which server`},
		{"tinyproxy.conf", "ReverseOnly Yes\n", `tinyproxy.conf:1: "ReverseOnly Yes"`},
		{"default.vcl", "/* a\n */\nbackend a {\n.path = \"/x\";\n}", `default.vcl:4: ".path = \"/x\";"`},
		{"apache2.conf", "\nProxyPass / https://a/\n", `apache2.conf:2: "ProxyPass / https://a/"`},
		{"lighttpd.conf", "$SERVER[\"socket\"] == \":81\" { }\n", `lighttpd.conf:1: `},
	} {
		_, err := Own(written(t, c.name, c.text))
		oneLine(t, err, c.want)
	}
	_, err := Own("some.conf")
	oneLine(t, err, "no product has a configuration file named some.conf; known are: squid*.conf, ")
	_, err = Own("/no/such/squid.conf")
	oneLine(t, err, "squid: its own configuration: open /no/such/squid.conf")
}

func TestWhatAFileIncludesIsReadWithIt(t *testing.T) {
	file := written(t, "nginx.conf", "http { include more/*.conf; include none/*.conf; include gone.conf; }")
	more := filepath.Join(filepath.Dir(file), "more")
	if err := os.Mkdir(more, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(more, "a.conf"), []byte("# first\nserver { listen 81; proxy_pass https://x; }"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Own(file)
	oneLine(t, err, more+"/a.conf:2: \"proxy_pass https://x;\"")
	if err := os.WriteFile(filepath.Join(more, "a.conf"), []byte("server { listen 81; proxy_pass http://x; }"), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := Own(file)
	text := p.Files["nginx.conf"]
	if err != nil || !strings.Contains(text, "listen {{.Address}};") || !strings.Contains(text, "include gone.conf;") || strings.Contains(text, "none/") {
		t.Errorf("%v\n%s", err, text)
	}
	if err := os.WriteFile(filepath.Join(more, "a.conf"), []byte("include more/a.conf;"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = Own(file)
	oneLine(t, err, "include each other more than 10 deep")
}

func TestAnOwnFileIsKnownByItsName(t *testing.T) {
	if !IsOwn("a/squid-office.conf") || !IsOwn("/etc/privoxy/config") || IsOwn("config") || IsOwn("box.yaml") || IsOwn("squid") {
		t.Error("whose is it?")
	}
	if files := OwnFiles(); !slices.Contains(files, "haproxy*.cfg") || len(owns()) != len(asShipped()) {
		t.Error(files)
	}
}
