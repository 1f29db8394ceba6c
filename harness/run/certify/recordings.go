package certify

import (
	"fmt"
	"os"
	"path/filepath"

	"gauntlet/harness/report"
	"gauntlet/harness/report/recording"
	"gauntlet/harness/run/rig"
)

// Recorded is what a recording of others comes to. Nothing secret is in it.
type Recorded struct {
	recording.Recording
	Outcome rig.Outcome
	report.Conclusion
}

// JudgeRecording judges a file in which another tool has recorded a client's
// traffic, by what can be seen there.
func JudgeRecording(l *Library, path string) (Recorded, error) {
	data, err := readRecording(path)
	if err != nil {
		return Recorded{}, err
	}
	r, err := recording.Read(data)
	if err != nil {
		return Recorded{}, fmt.Errorf("%s: %w", path, err)
	}
	speaks := l.speaks
	events, user := speaks.Beyond(r.Events)
	o := rig.Recorded{
		Name: filepath.Base(path), Client: "unknown", User: user, Events: events, Ties: r.Sight.Ties,
		Reader: speaks.Reader, Oracles: r.Oracles(speaks.Oracles),
	}.Judge()
	return Recorded{Recording: r, Outcome: Masked(o), Conclusion: report.Conclude([]rig.Result{o.Result})}, nil
}

// readRecording reads a file that may come from anybody.
func readRecording(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", path)
	case info.Size() > recording.MostBytes:
		return nil, fmt.Errorf("%s has %d bytes; at most %d are read: cut it down to one session", path, info.Size(), recording.MostBytes)
	}
	return os.ReadFile(path)
}
