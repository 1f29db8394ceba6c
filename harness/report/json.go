package report

import (
	"encoding/json"
	"io"

	"gauntlet/harness/rig"
)

// JSON writes the results as one array.
func JSON(out io.Writer, results []rig.Result) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(results)
}
