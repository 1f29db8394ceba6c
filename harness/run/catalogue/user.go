package catalogue

import (
	"regexp"
	"strings"

	"gauntlet/harness/run/workload"
)

// workload reads what the user does: a name, or steps.
func (b builder) workload() workload.Script {
	if b.family.steps != nil {
		return b.script()
	}
	name := b.text(b.family.workload)
	b.among(name, "workload", workload.Names())
	script, _ := workload.Named(name.value) // else reported
	return script
}

func (b builder) script() workload.Script {
	var lines []string
	sound := true
	for _, t := range b.family.steps {
		t = b.text(t)
		lines = append(lines, t.value)
		sound = b.step(t) && sound
	}
	if !sound {
		return nil
	}
	return b.order(lines)
}

// step checks one step by itself.
func (b builder) step(t text) bool {
	_, err := workload.ParseStep(t.value)
	if err != nil {
		b.add(t.place(argument(t.value)), "%v", err)
	}
	return err == nil
}

// argument is the offset of what follows the verb of a step, 0 if its verb is
// not known.
func argument(step string) int {
	for _, form := range workload.Allowed() {
		verb := regexp.MustCompile(` [A-Z].*`).ReplaceAllString(form, "")
		if rest, ok := strings.CutPrefix(step, verb+" "); ok {
			return len(step) - len(strings.TrimLeft(rest, " "))
		}
	}
	return 0
}

// order checks that each step can follow those before it.
func (b builder) order(lines []string) workload.Script {
	for i := range lines {
		if _, err := workload.Parse(lines[:i+1]); err != nil {
			_, message, _ := strings.Cut(err.Error(), ": ") // its line counts the steps
			b.add(b.text(b.family.steps[i]).begin, "step %d: %s", i+1, message)
			return nil
		}
	}
	script, _ := workload.Parse(lines) // just parsed
	return script
}
