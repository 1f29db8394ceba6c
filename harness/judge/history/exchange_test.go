package history

import (
	"slices"
	"testing"
)

// A request that was under way when the other side closed is over at once: the
// client learns so as soon as it looks, and may send it again elsewhere.
func TestARequestThatCrossesTheCloseIsOver(t *testing.T) {
	x := Exchanges([]Event{
		{From: AtHop, Kind: Accepted, Conn: 1, At: 1},
		{From: AtHop, Kind: Closed, Conn: 1, At: 2, By: "box", How: "FIN"},
		{From: AtHop, Kind: RequestBegan, Conn: 1, At: 3},
	}, 0)
	if len(x) != 1 || x[0].Ended != 3 || !x[0].Crossed || x[0].Answered {
		t.Errorf("%+v", x)
	}
}

// Who has closed its connection hears no answer, however soon it was handed on.
func TestAnAnswerThatNobodyHears(t *testing.T) {
	x := Exchanges([]Event{
		{From: AtHop, Kind: Accepted, Conn: 1, At: 1},
		{From: AtHop, Kind: RequestBegan, Conn: 1, At: 2},
		{From: AtHop, Kind: RequestHead, Conn: 1, Exchange: 1, At: 2},
		{From: AtHop, Kind: Closed, Conn: 1, Exchange: 1, At: 3, By: "peer", How: "FIN"},
		{From: AtHop, Kind: AnswerHead, Conn: 1, Exchange: 1, Status: 200, At: 4},
		{From: AtHop, Kind: AnswerDone, Conn: 1, Exchange: 1, At: 4},
	}, 0)
	if len(x) != 1 || x[0].Ended != 3 || x[0].Answered {
		t.Errorf("%+v", x)
	}
}

// Ordinals rise along a connection: one that was had, or passed over, begins no other
// exchange, so that what says one again and again is not looked through for each.
func TestAnOrdinalThatDoesNotRiseBeginsNothing(t *testing.T) {
	events := []Event{{From: AtHop, Kind: Accepted, Conn: 1}}
	for _, ordinal := range []int{2, 5, 5, 2, 3, 6} {
		events = append(events, Event{From: AtHop, Kind: RequestBegan, Conn: 1}, Event{From: AtHop, Kind: RequestHead, Conn: 1, Exchange: ordinal})
	}
	var got []int
	for _, x := range Exchanges(events, 0) {
		got = append(got, x.Ordinal)
	}
	if want := []int{2, 5, 6, 0, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("they have the ordinals %v, want %v", got, want)
	}
}
