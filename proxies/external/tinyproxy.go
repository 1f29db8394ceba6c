package external

// Tinyproxy sends names to the origin as to a parent proxy, in absolute-form,
// and dials addresses of this machine itself.
func Tinyproxy() Product {
	return Product{
		Name:      "tinyproxy",
		Command:   []string{"tinyproxy", "-d", "-c", "{{.Dir}}/tinyproxy.conf"},
		Files:     map[string]string{"tinyproxy.conf": tinyproxyConfig},
		AccessLog: "access.log", Logs: []string{"access.log"},
		Signs: "gauntlet-tinyproxy",
		Stop:  "TERM",
	}
}

const tinyproxyConfig = `Port {{.Port}}
Listen {{.Host}}
Timeout 600
MaxClients 100
Allow 127.0.0.1
LogFile "{{.Dir}}/access.log"
LogLevel Connect
ViaProxyName "gauntlet-tinyproxy"
upstream http {{.Origin}}
upstream none "127.0.0.1"
{{range .Domains}}upstream http {{$.Tunnels}} ".{{.}}"
{{end}}`
