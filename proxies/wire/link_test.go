package wire

import "testing"

// What must hold of the table of transitions whatever it says in particular.
func TestLinkTable(t *testing.T) {
	for s := linked; s < linkStates; s++ {
		for e := halfClose; e < linkEvents; e++ {
			before, after := link{state: s}, link{state: s}
			taken := after.meet(e)
			told := func(l link) (peer, box bool) {
				return l.state >= peerCut, l.state == boxCut || l.state == severed
			}
			peerBefore, boxBefore := told(before)
			peer, box := told(after)
			switch {
			case before.taken() && !after.taken():
				t.Errorf("event %d gives the network's side back in state %d", e, s)
			case taken != (!before.taken() && after.taken()):
				t.Errorf("event %d in state %d: taken %v", e, s, taken)
			case peerBefore && !peer, boxBefore && !box:
				t.Errorf("event %d takes an end back in state %d", e, s)
			case peer && !peerBefore && e != cutPeer, box && !boxBefore && e != cutBox:
				t.Errorf("event %d ends a face in state %d", e, s)
			case before.can(e) && after.can(e):
				t.Errorf("event %d means something twice in state %d", e, s)
			}
		}
	}
}

func TestWhatFlowsInEachState(t *testing.T) {
	for s, want := range map[linkState][3]bool{ // nothing passes to the box, what it writes waits, or goes nowhere
		linked: {}, partitioned: {}, halfClosed: {false, false, true}, stalled: {true, true, false}, silent: {true, false, true},
		boxCut: {true, false, false}, peerCut: {false, false, true}, severed: {true, false, true},
	} {
		if l := (link{state: s}); [3]bool{l.boxHalted(), l.peerHalted(), l.swallows()} != want {
			t.Errorf("state %d: %v, %v, %v", s, l.boxHalted(), l.peerHalted(), l.swallows())
		}
	}
}
