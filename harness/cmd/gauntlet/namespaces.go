package main

import (
	"context"

	"gauntlet/harness/report"
	"gauntlet/harness/rig"
	"gauntlet/proxies/netns"
)

// inNamespaces does the whole call once more where networks can be made, if
// this machine allows it.
func inNamespaces(ctx context.Context) error {
	if err := rig.CheckMode(ctx, rig.Netns); err != nil {
		return err
	}
	code, err := netns.Again(ctx)
	if err == nil && code != report.Sound {
		return exit(code)
	}
	return err
}
