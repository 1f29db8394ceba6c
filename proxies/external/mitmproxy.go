package external

// Mitmproxy is a forward proxy to which a script of ours shows the origin in
// place of whatever it would have dialled.
func Mitmproxy() Product {
	return Product{
		Name: "mitmproxy",
		Command: []string{"mitmdump", "--listen-host", "{{.Host}}", "--listen-port", "{{.Port}}", "--set", "confdir={{.Dir}}",
			"--set", "flow_detail=0", "--set", "termlog_verbosity=error", "-s", "{{.Dir}}/origin.py"},
		Environment: []string{"PYTHONUNBUFFERED=1", "PYTHONDONTWRITEBYTECODE=1"},
		Files:       map[string]string{"origin.py": mitmproxyScript},
		AccessLog:   outputLog,
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
