package fault

import (
	"strconv"
	"strings"
	"time"
)

// Rule says which of the matching ordinals, from the trigger's on, are struck.
type Rule int

// The rules. Once is the zero value and prints as nothing.
const (
	Once   Rule = iota // the ordinal alone
	Times              // N of them, then all works again
	Every              // each Nth
	Chance             // each with probability P
	Always             // all; written "until D" or "from D"
)

// Often is a rule and, optionally, the window of time in which it counts.
type Often struct {
	Rule  Rule
	N     int           // Times and Every, from 1
	P     float64       // Chance, above 0 and at most 1
	From  time.Duration // since the run began; what comes before is not counted
	Until time.Duration // since the run began; 0 = no end
}

// String is the rule as it stands in a fault: "2 times", "every 5th, until 30s",
// "from 20s until 2m20s".
func (o Often) String() string {
	if rule, window := o.ruleText(), o.window(); rule == "" || window == "" {
		return rule + window
	}
	return o.ruleText() + ", " + o.window()
}

func (o Often) window() string {
	var words []string
	if o.From > 0 {
		words = append(words, "from "+durationText(o.From))
	}
	if o.Until > 0 {
		words = append(words, "until "+durationText(o.Until))
	}
	return strings.Join(words, " ")
}

func (o Often) ruleText() string {
	switch o.Rule {
	case Times:
		return strconv.Itoa(o.N) + " times"
	case Every:
		return "every " + nth(o.N)
	case Chance:
		return "with p=" + strconv.FormatFloat(o.P, 'g', -1, 64)
	case Always:
		return ""
	}
	return "once"
}

// suffix is what follows the effect in a fault's line.
func (o Often) suffix() string {
	if o == (Often{}) {
		return ""
	}
	return ", " + o.String()
}

// strikes reports whether ordinal n is struck when the trigger names first;
// draw is asked only where chance decides.
func (o Often) strikes(n, first int, draw func() float64) bool {
	if n < first {
		return false
	}
	switch o.Rule {
	case Times:
		return n-first < o.N
	case Every:
		return (n-first)%o.N == 0
	case Chance:
		return draw() < o.P
	case Always:
		return true
	}
	return n == first
}

// moments is how many are struck of those that the rule counts out.
func (o Often) moments() int {
	if o.Rule == Times {
		return o.N
	}
	return 1
}

// spent reports whether no ordinal after n can be struck.
func (o Often) spent(n, first int) bool {
	switch o.Rule {
	case Once:
		return n >= first
	case Times:
		return n-first >= o.N-1
	}
	return false
}

// nth spells an ordinal number: 1st, 2nd, 3rd, 4th, 11th, 21st.
func nth(n int) string {
	suffix := "th"
	if tens := n % 100 / 10; tens != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}
