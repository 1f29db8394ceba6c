package external

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ready tries until the product serves, has died, or patience is over.
func (p *Process) ready(ctx context.Context) error {
	const between, patience = 20 * time.Millisecond, 15 * time.Second
	limit := p.command.Patience
	if limit == 0 {
		limit = patience
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		err := p.command.ready(ctx, p.Addr)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%w: %w", errDied, p.Exited)
		case <-ctx.Done():
			return fmt.Errorf("%s: not ready: %w: last try: %w; it said: %s", p.command.Name, ctx.Err(), err, p.command.explain())
		case <-time.After(between):
		}
	}
}

// Probe returns a Ready that POSTs to url through the proxy and wants an
// answer that own does not call the proxy's own.
func Probe(target string, own func(*http.Response) bool) func(context.Context, string) error {
	return func(ctx context.Context, addr string) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader(""))
		if err != nil {
			return fmt.Errorf("probe %s: %w", target, err)
		}
		proxy := http.ProxyURL(&url.URL{Scheme: "http", Host: addr})
		resp, err := (&http.Transport{Proxy: proxy, DisableKeepAlives: true}).RoundTrip(req)
		if err != nil {
			return fmt.Errorf("probe %s: %w", target, err)
		}
		defer resp.Body.Close()
		if own(resp) {
			return fmt.Errorf("probe %s: the origin was not reached: %s", target, resp.Status)
		}
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
}
