package main

import (
	"maps"
	"slices"
	"strings"

	"gauntlet/proxies/fault"
)

// listEffects names what a fault can do: how it is written, what then happens,
// at which landmarks.
func listEffects() []row {
	effects := fault.Effects()
	var rows []row
	for _, name := range slices.Sorted(maps.Keys(effects)) {
		kind := effects[name]
		rows = append(rows, row{ID: name, Title: kind.Doc, Notes: []string{kind.Form(name), "at " + strings.Join(kind.Places(), ", ")}})
	}
	return rows
}
