package main

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"gauntlet/harness/judge/history"
	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/msn/gateway"
	"gauntlet/harness/run/adapter"
	"gauntlet/harness/run/certify"
	"gauntlet/harness/run/rig"
	"gauntlet/proxies"
	"gauntlet/proxies/fault"
)

// texts are the words of a list.
func texts[T ~string](list []T) []string {
	words := make([]string, len(list))
	for i, word := range list {
		words[i] = string(word)
	}
	return words
}

func TestEachWordOfEachListCanBeExplained(t *testing.T) {
	known, err := topics()
	if err != nil {
		t.Fatal(err)
	}
	profiles, err := library().Profiles()
	if err != nil {
		t.Fatal(err)
	}
	lists := map[string][]string{
		"clients": clientNames(), "kinds of clients": texts([]adapter.Kind{adapter.Driven, adapter.BlackBox}), "abilities": texts(adapter.EveryAbility()),
		"cases": caseIDs(), "bugs": bugNames()[1:], "levels": levelNames(), "requirements": texts(requirement.IDs()),
		"levels of requirements": texts([]requirement.Level{requirement.Must, requirement.Should, requirement.Informational}),
		"modes":                  texts([]rig.Mode{rig.Virtual, rig.Loopback, rig.Netns}), "dialects": slices.Sorted(maps.Keys(gateway.Dialects())), "knobs": gateway.Knobs(),
		"kinds of boxes": texts(proxies.Kinds()), "real proxies": certify.Products(), "effects": slices.Sorted(maps.Keys(fault.Effects())),
	}
	for status := range answers {
		lists["statuses of HTTP"] = append(lists["statuses of HTTP"], strconv.Itoa(status))
	}
	for _, p := range profiles {
		lists["profiles"] = append(lists["profiles"], p.Name)
	}
	for _, v := range history.Variants() {
		lists["kinds of events"] = append(lists["kinds of events"], string(v.Kind))
	}
	for _, s := range oracle.Statuses() {
		lists["statuses"] = append(lists["statuses"], s.String())
	}
	for _, kind := range fault.Effects() {
		lists["landmarks"] = append(lists["landmarks"], kind.Places()...)
	}
	for name, words := range lists {
		if len(words) < 2 {
			t.Errorf("%s: %q", name, words)
		}
		for _, word := range words {
			var told strings.Builder
			if err := explain(&told, word, known); err != nil || strings.Count(told.String(), "\n") == 0 || strings.Contains(told.String(), ": \n") {
				t.Errorf("%s: %s: %v: %s", name, word, err, told.String())
			}
			for line := range strings.Lines(told.String()) {
				if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width && !strings.HasPrefix(line, "  "+program()) {
					t.Errorf("%s: %s: %d letters: %s", name, word, n, line)
				}
			}
		}
	}
}
