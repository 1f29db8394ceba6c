package certify

import (
	"testing"

	"gauntlet/harness/run/virtual"
)

// What a worker elsewhere answers comes as it was; where it gives no history there is
// none, and not one that is empty.
func TestAnswersOnTheirWay(t *testing.T) {
	for name, want := range map[string]virtual.Answer{
		"with a history":    {Reply: virtual.Reply{Text: []byte(`{"a":1}`), Blob: []byte("one\ntwo\n")}},
		"without a history": {Reply: virtual.Reply{Text: []byte(`{"a":1}`)}},
		"of who has died":   {Died: "panic: bad"},
	} {
		text, err := sealed(want)
		if err != nil {
			t.Fatal(err)
		}
		got, by, err := opened(text)
		if err != nil || by == "" || string(got.Reply.Text) != string(want.Reply.Text) || string(got.Reply.Blob) != string(want.Reply.Blob) || got.Died != want.Died {
			t.Errorf("%s: %+v by %q, %v", name, got, by, err)
		}
		if (got.Reply.Blob == nil) != (want.Reply.Blob == nil) {
			t.Errorf("%s: history %q", name, got.Reply.Blob)
		}
	}
	if _, _, err := opened([]byte("nonsense")); err == nil {
		t.Error("nonsense is taken for an answer")
	}
}
