package fault

import "strings"

// Form is how the effect of that name is written: "delay D [jitter D]".
func (k Kind) Form(name string) string {
	for _, a := range k.Arguments {
		text := a.before() + a.placeholder()
		if a.Optional {
			text = "[" + text + "]"
		}
		name += " " + text
	}
	return name
}

// Example is a way to write the effect of that name that Parse takes, with all
// its arguments.
func (k Kind) Example(name string) string {
	for _, a := range k.Arguments {
		name += " " + a.before() + a.example()
	}
	return name
}

// Places are the names of the places at which the effect means something.
func (k Kind) Places() []string {
	var names []string
	for _, p := range k.At {
		names = append(names, p.String())
	}
	return names
}

func (a Argument) before() string {
	if a.Before == "" {
		return ""
	}
	return a.Before + " "
}

func (a Argument) placeholder() string {
	if a.Form == Choice {
		return strings.Join(a.Words, "|")
	}
	return map[Form]string{Number: "N", Duration: "D", Signed: "+N", Name: "NAME", Text: "WORD"}[a.Form]
}

func (a Argument) example() string {
	if a.Form == Choice {
		return a.Words[0]
	}
	return map[Form]string{Number: "5", Duration: "1s", Signed: "+5", Name: "Date", Text: "other.example"}[a.Form]
}
