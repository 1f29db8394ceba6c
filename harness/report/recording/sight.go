package recording

import (
	"maps"
	"slices"
	"strings"

	"gauntlet/harness/judge/oracle"
	"gauntlet/harness/judge/requirement"
	"gauntlet/harness/judge/trace"
)

// need is what a requirement has to be shown before it can be judged by traffic on
// the client's side alone.
type need struct {
	shown   func(Sight) bool // nil: requests
	missing string
	apart   bool // each request is judged by itself: what was not recorded changes nothing
	said    bool // by the commands alone, whatever requests carried them
}

func form(s Sight) bool        { return s.Form }
func times(s Sight) bool       { return s.Times }
func connections(s Sight) bool { return s.Connections }

const (
	noForm        = "the recording does not show the fields as the client wrote them"
	noTimes       = "the times of the recording are too coarse"
	noConnections = "the recording does not show on which connections requests went"
)

// needs are the requirements that traffic on the client's side can show. What else
// there is needs to know what the user wanted, what others did, whom the client
// tried to reach or what it says of itself.
var needs = map[requirement.ID]need{
	"open.begins":                 {},
	"open.switchboard":            {},
	"open.carries-command":        {apart: true},
	"exchange.one-in-flight":      {shown: times, missing: noTimes},
	"exchange.form":               {shown: form, missing: noForm, apart: true},
	"exchange.habits":             {shown: form, missing: noForm, apart: true},
	"poll.keeps-going":            {},
	"poll.not-too-often":          {shown: times, missing: noTimes},
	"poll.pace":                   {shown: times, missing: noTimes},
	"session-id.newest":           {},
	"session-id.escaped":          {shown: form, missing: noForm},
	"gateway-ip.followed":         {},
	"close.honoured":              {},
	"close.reopens-once":          {},
	"close.reopening-bounded":     {},
	"connection.session-survives": {},
	"connection.kept":             {shown: connections, missing: noConnections},
	"command.no-png":              {apart: true, said: true},
	"command.one-per-request":     {apart: true},
	"profile.accepted":            {},
}

// Oracles are those of a protocol, as far as the recording shows what they judge;
// the others say what is missing. By one that is not whole nobody is accused of what
// might lie in a hole.
func (r Recording) Oracles(all oracle.Registry) oracle.Registry {
	all = maps.Clone(all)
	for id, row := range all {
		n, judged := needs[id]
		switch {
		case !judged:
			all[id] = silent("a recording of the client's side does not show " + unseen(id))
		case !r.Sight.Requests:
			if !n.said {
				all[id] = silent("the recording shows no requests, only the commands that they carried")
			}
		case n.shown != nil && !n.shown(r.Sight):
			all[id] = silent(n.missing)
		case !n.apart && !r.Sight.Whole:
			all[id] = lenient(row)
		}
	}
	return all
}

// silent is the oracle of what cannot be seen.
func silent(why string) oracle.Row {
	return oracle.Row{Judge: func(*trace.Trace) (f oracle.Assessment) {
		f.Missing("%s", why)
		return f
	}}
}

func lenient(row oracle.Row) oracle.Row {
	return oracle.Row{Judge: func(t *trace.Trace) oracle.Assessment {
		f := row.Assess(t)
		f.Excuse("the recording has holes, or began in the middle of a session")
		return f
	}}
}

// unseen says what a requirement needs that traffic at hop 0 does not show.
func unseen(id requirement.ID) string {
	q, _ := requirement.ByID(id)
	var parts []string
	for _, e := range []struct {
		evidence requirement.Evidence
		what     string
	}{
		{requirement.Ends, "which messages were submitted and delivered"},
		{requirement.Word, "what the client says of itself"},
		{requirement.Dials, "whom the client tried to reach"},
	} {
		if slices.Contains(q.Evidence, e.evidence) {
			parts = append(parts, e.what)
		}
	}
	if len(parts) == 0 {
		return "what the user wanted and how the client was set up"
	}
	return strings.Join(parts, ", nor ")
}
