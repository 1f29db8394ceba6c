package main

import (
	"context"
	"sync"

	"gauntlet/fixtures"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/run/profile"
	"gauntlet/proxies/external"
	"gauntlet/proxies/fingerprint"
)

// realOnes takes the fingerprints of real proxies, all at the same time: they
// mostly wait. No name means all that we know.
func realOnes(ctx context.Context, args []string) ([]taken, error) {
	profiles, err := profile.Load(fixtures.Files(), fixtures.Boxes)
	if err != nil {
		return nil, err
	}
	wanted := args
	if len(args) == 0 {
		wanted = products()
	}
	list := make([]taken, len(wanted))
	var all sync.WaitGroup
	for i, name := range wanted {
		box, err := describedBox(name)
		if err != nil {
			return nil, err
		}
		all.Go(func() {
			ours, _ := profile.Named(profiles, name)
			list[i] = realOne(ctx, *box.product, ours)
		})
	}
	all.Wait()
	return list, nil
}

// realOne compares a product with our profile of it, differences that the
// profile lists taken as it says. A product that is not there is like nothing.
func realOne(ctx context.Context, p external.Product, ours profile.Profile) taken {
	t := taken{Box: p.Name, Listed: ours.Differs, Fingerprint: fingerprint.Fingerprint{}}
	if missing := p.Find(); missing != nil {
		return t.concluded(oracle.NotApplicable, missing.Error())
	}
	var err error
	if t.Fingerprint, err = fingerprint.Real(ctx, p); err != nil {
		return t.concluded(oracle.Broken, err.Error())
	}
	if len(ours.Fingerprint) == 0 {
		return t.concluded(oracle.NotApplicable, "there is no profile to compare it with")
	}
	t.Differences = ours.Compare(t.Fingerprint, fingerprint.RealIdle)
	if len(t.Differences) > 0 {
		return t.concluded(oracle.Fail, "it differs from our profile, and that is not listed")
	}
	return t.concluded(oracle.Pass, "")
}

func (t taken) concluded(s oracle.Status, reason string) taken {
	t.Status, t.Reason = &s, reason
	return t
}
