package report

import (
	"encoding/json"
	"io"
)

// JSON writes a value, such as a list of results, for machines: indented, with
// a line feed behind it.
func JSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
