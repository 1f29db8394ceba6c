package site

import "strings"

// badge is a small picture of what a client's newest run came to. Places and
// widths are pixels.
type badge struct {
	Label, Word, Colour         string
	LeftText, RightText         int // of the texts
	Left, Right, Width, RightAt int
}

// perLetter is about how wide a letter of Verdana is at 11 pixels; the text is
// stretched to what comes of it.
const (
	perLetter = 7
	margin    = 8
)

var colours = map[string]string{"pass": "#17663a", "fail": "#ab1c14", "open": "#7d4b00"}

func newBadge(k kept) badge {
	b := badge{Label: "Gauntlet", Word: k.Word(), Colour: colours[k.Kind()]}
	if met := k.Met(); k.Kind() == "pass" && len(met) > 0 {
		b.Word = strings.Join(met, ", ")
	}
	b.LeftText, b.RightText = perLetter*len([]rune(b.Label)), perLetter*len([]rune(b.Word))
	b.Left, b.Right = b.LeftText+2*margin, b.RightText+2*margin
	b.Width, b.RightAt = b.Left+b.Right, b.Left+margin
	return b
}
