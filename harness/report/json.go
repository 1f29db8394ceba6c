package report

import (
	"encoding/json"
	"io"

	"gauntlet/harness/report/inert"
)

// JSON writes a value, such as a list of results, for machines: indented, with
// a line feed behind it. Nothing in it acts on a terminal.
func JSON(out io.Writer, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = out.Write(append(inert.JSON(text), '\n'))
	return err
}
