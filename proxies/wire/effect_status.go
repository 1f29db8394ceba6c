package wire

import "fmt"

// statusEffect answers with a page of the proxy's own.
type statusEffect struct{}

func (statusEffect) Strike(s *Strike) { s.Instead(statusPage(s.Args()[0])) }

// statusPage is the page for a status, with the fields that belong to it.
func statusPage(status string) Answer {
	title := map[string]string{
		"400": "Bad Request", "403": "Forbidden", "404": "Not Found", "407": "Proxy Authentication Required",
		"417": "Expectation Failed", "429": "Too Many Requests", "500": "Internal Server Error",
		"502": "Bad Gateway", "503": "Service Unavailable", "504": "Gateway Timeout",
	}[status]
	var fields []string
	switch status {
	case "407":
		fields = []string{`Proxy-Authenticate: Basic realm="proxy"`}
	case "429", "503":
		fields = []string{"Retry-After: 5"}
	}
	return page(fmt.Sprint(status, " ", title), title, fields...)
}
