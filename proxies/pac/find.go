package pac

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/dop251/goja"

	"gauntlet/proxies"
	"gauntlet/proxies/network"
)

// longest is how long a file may be, in bytes, and slowest how long it may take to say
// which proxy it is: such files are a few lines, or a few thousand.
const (
	longest = 1 << 20
	slowest = 5 * time.Second
)

// Ask asks for the file at an http URL, by GET or another method, on a connection of
// its own. An answer but 200 is an error.
func Ask(ctx context.Context, n network.Network, method, address string) (text string, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("proxy auto-configuration %s: %w", address, err)
		}
	}()
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	conn, err := n.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return "", err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	request := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\nAccept: */*\r\nConnection: close\r\n\r\n", method, u.RequestURI(), u.Host)
	if _, err := conn.Write([]byte(request)); err != nil {
		return "", err
	}
	return read(conn, method)
}

// read is the body of an answer.
func read(conn net.Conn, method string) (string, error) {
	answer, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the answer is %s", answer.Status)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, longest+1))
	if err == nil && len(body) > longest {
		err = fmt.Errorf("it is longer than %d bytes", longest)
	}
	return string(body), err
}

// Find runs a file and returns the ways that it names for a URL, the first to be tried
// first. What it calls a kind of proxy that there is no way through is left out; where
// nothing is left that is an error.
func Find(text, url, host string) ([]proxies.Route, error) { return find(text, url, host, slowest) }

func find(text, url, host string, slowest time.Duration) ([]proxies.Route, error) {
	vm := goja.New()
	for name, helper := range helpers {
		if err := vm.Set(name, helper); err != nil {
			return nil, err
		}
	}
	enough := time.AfterFunc(slowest, func() { vm.Interrupt("it takes too long") })
	defer enough.Stop()
	if _, err := vm.RunString(text); err != nil {
		return nil, fmt.Errorf("run the proxy auto-configuration: %w", err)
	}
	run, is := goja.AssertFunction(vm.Get("FindProxyForURL"))
	if !is {
		return nil, fmt.Errorf("the proxy auto-configuration has no function FindProxyForURL")
	}
	found, err := run(goja.Undefined(), vm.ToValue(url), vm.ToValue(host))
	if err != nil {
		return nil, fmt.Errorf("FindProxyForURL: %w", err)
	}
	if goja.IsNull(found) || goja.IsUndefined(found) {
		return []proxies.Route{{}}, nil
	}
	return ways(found.String())
}

// kinds are what a file calls the kinds of proxies.
var kinds = map[string]proxies.RouteKind{
	"DIRECT": proxies.Direct, "PROXY": proxies.HTTPProxy, "HTTP": proxies.HTTPProxy,
	"SOCKS": proxies.Socks4Proxy, "SOCKS4": proxies.Socks4Proxy, "SOCKS5": proxies.Socks5Proxy,
}

// ways reads what a file says, such as PROXY a:8080; SOCKS5 b:1080; DIRECT.
func ways(said string) (routes []proxies.Route, err error) {
	for one := range strings.SplitSeq(said, ";") {
		words := append(strings.Fields(one), "", "")
		kind, known := kinds[strings.ToUpper(words[0])]
		if known && (kind == proxies.Direct) == (words[1] == "") {
			routes = append(routes, proxies.Route{Kind: kind, Proxy: words[1]})
		}
	}
	if len(routes) == 0 && strings.TrimSpace(said) != "" {
		return nil, fmt.Errorf("the proxy auto-configuration says %q, and that is no way", said)
	}
	if len(routes) == 0 {
		return []proxies.Route{{}}, nil
	}
	return routes, nil
}

// helpers are the functions that a file may call.
var helpers = map[string]any{
	"dnsDomainIs":         func(host, domain string) bool { return strings.HasSuffix(host, domain) },
	"isPlainHostName":     func(host string) bool { return !strings.Contains(host, ".") },
	"localHostOrDomainIs": func(host, name string) bool { return host == name || strings.HasPrefix(name, host+".") },
	"dnsDomainLevels":     func(host string) int { return strings.Count(host, ".") },
	"shExpMatch":          matches,
}

// matches reports whether a text is of the form of a shell's pattern.
func matches(text, pattern string) bool {
	form := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	shell, err := regexp.Compile("(?s)^" + form + "$")
	return err == nil && shell.MatchString(text)
}
