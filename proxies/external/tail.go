package external

import (
	"os"
	"regexp"
	"strings"
)

// tail is what the end of a log says about a failure: its lines that speak of
// one, else its last lines; three at most, each cut to a readable length.
func tail(file string) []string {
	const most, longest = 3, 200
	b, err := os.ReadFile(file)
	if err != nil {
		return nil // a log that was never begun says nothing
	}
	var lines, telling []string
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		line = line[:min(len(line), longest)]
		lines = append(lines, line)
		if trouble().MatchString(line) {
			telling = append(telling, line)
		}
	}
	if len(telling) > 0 {
		lines = telling
	}
	return lines[max(0, len(lines)-most):]
}

func trouble() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(fatal|error|emerg|alert|cannot|unable|failed|in use)\b`)
}
