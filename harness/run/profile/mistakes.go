package profile

import (
	"errors"
	"fmt"
	"strings"

	"gauntlet/harness/run/yamlfile"
	"gauntlet/proxies"
)

// boxMistake shows the word that is wrong in the box's line.
func boxMistake(at yamlfile.File, err error) error {
	var wrong *proxies.SpecError
	if !errors.As(err, &wrong) {
		return at.Wrong("$.box", 0, err.Error())
	}
	text := fmt.Sprintf("box word %q: %s", wrong.Word, wrong.Problem)
	if len(wrong.Allowed) > 0 {
		text += "; allowed: " + strings.Join(wrong.Allowed, ", ")
	}
	return at.Wrong("$.box", wrong.Offset, text)
}
