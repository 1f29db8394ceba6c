package external

// Privoxy sends names to the origin as to a parent proxy, in absolute-form,
// and dials addresses of this machine itself. It filters nothing.
func Privoxy() Product {
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
debug 512
debug 8192
listen-address {{.Address}}
keep-alive-timeout 5
default-server-timeout 60
connection-sharing 1
tolerate-pipelining 1
socket-timeout 300
accept-intercepted-requests 1
forward / {{.Origin}}
forward 127.0.0.1 .
{{if .Tunnels}}forward :443 {{.Tunnels}}
{{end}}`
