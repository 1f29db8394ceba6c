package mutants

import (
	"context"
	"net/http"
	"time"

	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/builtin"
	"gauntlet/harness/msn/client"
	"gauntlet/harness/run/adapter"
	"gauntlet/proxies"
	"gauntlet/proxies/network"
	"gauntlet/proxies/pac"
)

// findsRoutes makes the reference client with another way to find its proxy by a file.
func findsRoutes(find client.Finding) adapter.Factory {
	return builtin.New(func(o *client.Options) { o.FindRoutes = find })
}

// postsForFile has one way to ask for anything.
var postsForFile = Mutant{
	Name:     "posts-for-file",
	Defect:   "asks for its proxy auto-configuration with POST",
	Violates: "route.file-read",
	Needs:    NeedsSetting,
	Cases:    []string{"file-names-http"},
	Also:     []Collateral{{fallsSilent, []requirement.ID{"command.carried-out", "route.without-proxy"}}},
	New: findsRoutes(func(ctx context.Context, n network.Network, url, host string) ([]proxies.Route, error) {
		text, err := pac.Ask(ctx, n, http.MethodPost, url)
		if err != nil {
			return nil, err
		}
		return pac.Find(text, "http://"+host+"/", host)
	}),
}

// readsLater connects first, and reads how to when it is asked for.
var readsLater = Mutant{
	Name:     "reads-later",
	Defect:   "connects directly before it reads its proxy auto-configuration",
	Violates: "route.file-read",
	Needs:    NeedsSetting,
	Cases:    []string{"file-direct"},
	Also:     []Collateral{{elsewhere, []requirement.ID{"route.no-direct-attempt"}}},
	New: findsRoutes(func(ctx context.Context, n network.Network, url, host string) ([]proxies.Route, error) {
		if conn, err := n.DialContext(ctx, "tcp", host+":80"); err == nil {
			_ = conn.Close() // nothing was said on it
		}
		return client.FindRoutes(ctx, n, url, host)
	}),
}

// readsOneProxy takes what a file names for one proxy.
var readsOneProxy = Mutant{
	Name:     "reads-one-proxy",
	Defect:   "knows only the first proxy that its auto-configuration names",
	Violates: "route.file-next",
	Needs:    NeedsSetting,
	Cases:    []string{"file-dead-first-http"},
	New: findsRoutes(func(ctx context.Context, n network.Network, url, host string) ([]proxies.Route, error) {
		routes, err := client.FindRoutes(ctx, n, url, host)
		return routes[:min(1, len(routes))], err
	}),
}

// readsBackwards prefers what a file names last.
var readsBackwards = Mutant{
	Name:     "reads-backwards",
	Defect:   "begins with the last proxy that its auto-configuration names",
	Violates: "route.file-next",
	Needs:    NeedsSetting,
	Cases:    []string{"file-dead-first-http"},
	New: findsRoutes(func(ctx context.Context, n network.Network, url, host string) ([]proxies.Route, error) {
		routes, err := client.FindRoutes(ctx, n, url, host)
		return routes[max(0, len(routes)-1):], err
	}),
}

// waitsForFile takes it that the file will be there sooner or later.
var waitsForFile = Mutant{
	Name:     "waits-for-file",
	Defect:   "waits a while without a word where its proxy auto-configuration is not to be had",
	Violates: "route.file-told",
	Needs:    NeedsSetting,
	Cases:    []string{"file-missing"},
	New: findsRoutes(func(ctx context.Context, n network.Network, url, host string) ([]proxies.Route, error) {
		routes, err := client.FindRoutes(ctx, n, url, host)
		if err != nil {
			<-time.After(requirement.ToldMust + 20*time.Second)
		}
		return routes, err
	}),
}
