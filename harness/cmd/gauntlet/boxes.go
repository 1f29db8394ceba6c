package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gauntlet/fixtures"
	"gauntlet/harness/report"
	"gauntlet/harness/run/profile"
	"gauntlet/proxies/external"
)

// realBox is a real proxy and the failures that are expected through it.
type realBox struct {
	product *external.Product // nil: no real proxy was asked for
	known   report.KnownFailures
}

// products are the names of the real proxies that we know how to run.
func products() []string { return slices.Sorted(maps.Keys(external.Products())) }

// findBox finds a real proxy by its name, or by the file that describes it,
// and says what is missing to start it.
func findBox(name string) (realBox, error) {
	if name == "" {
		return realBox{}, nil
	}
	box, err := describedBox(name)
	if err == nil {
		err = box.product.Find()
	}
	return box, err
}

func describedBox(name string) (realBox, error) {
	if strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") {
		p, known, err := profile.ReadExternal(name)
		return realBox{&p, expected(known)}, err
	}
	p, there := external.Products()[name]
	if !there {
		return realBox{}, fmt.Errorf("no box %q; the real proxies are %s, or a FILE.yaml that describes another", name, strings.Join(products(), ", "))
	}
	profiles, err := profile.Load(fixtures.Files(), fixtures.Boxes)
	if err != nil {
		return realBox{}, err
	}
	ours, _ := profile.Named(profiles, name) // a spec sees to it that there is one
	return realBox{&p, expected(ours.Known)}, nil
}

func expected(known []profile.Expected) report.KnownFailures {
	var list report.KnownFailures
	for _, k := range known {
		list = append(list, report.Known(k))
	}
	return list
}
