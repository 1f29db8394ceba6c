package session

import (
	"testing"
	"time"
)

// afterLoss is a message that was lost, with another that waits, in a session
// with that habit; the cut answer had shown the id 2.
func afterLoss(t *testing.T, h AfterLoss) *stage {
	t.Helper()
	s := ready(t, Habits{AfterLoss: h})
	s.m.Submit([]byte("MSG 1"))
	s.m.Submit([]byte("MSG 2"))
	s.sends("command", "1", "MSG 1")
	s.lost("2")
	return s
}

func TestHabitsAfterLoss(t *testing.T) {
	for name, c := range map[string]struct {
		habit AfterLoss
		want  func(*stage)
	}{
		"repeats":    {RepeatIt, func(s *stage) { s.waits(100 * time.Millisecond); s.sends("command", "1", "MSG 1") }},
		"reopens":    {Reopen, func(s *stage) { s.over(Forgotten, "MSG 1", "MSG 2") }},
		"drops":      {DropIt, func(s *stage) { s.sends("command", "1", "MSG 2") }},
		"hands back": {SendItAnew, func(s *stage) { s.sends("command", "1", "MSG 2"); s.handedBack("MSG 1") }},
		"last": {SendItLast, func(s *stage) {
			s.sends("command", "1", "MSG 2")
			s.answered("3", "")
			s.sends("command", "3", "MSG 1")
		}},
		"another id":  {SendUnderNew, func(s *stage) { s.waits(100 * time.Millisecond); s.sends("command", "2", "MSG 1") }},
		"gives it up": {GiveUpAtFirst, func(s *stage) { s.over(Unreachable, "MSG 1", "MSG 2") }},
	} {
		t.Run(name, func(t *testing.T) { c.want(afterLoss(t, c.habit)) })
	}
}

func (s *stage) handedBack(want string) {
	s.Helper()
	back := s.m.HandedBack()
	if len(back) != 1 || string(back[0]) != want || s.m.HandedBack() != nil {
		s.Errorf("handed back %q", back)
	}
}

func TestHabitsLeaveOpensAlone(t *testing.T) {
	for _, h := range []AfterLoss{Reopen, DropIt, SendItAnew, SendItLast, SendUnderNew, GiveUpAtFirst} {
		s := newStage(t, Habits{AfterLoss: h}, "VER")
		s.sends("open", "", "VER")
		s.lost("")
		s.waits(100 * time.Millisecond)
		s.sends("open", "", "VER")
	}
}

func TestSendsUnderTheOldIDWhereNoneWasShown(t *testing.T) {
	s := ready(t, Habits{AfterLoss: SendUnderNew})
	s.pass(2 * time.Second)
	s.sends("poll", "1", "")
	s.lost("")
	s.waits(100 * time.Millisecond)
	s.sends("poll", "1", "")
}

func TestHabitSendAtOnce(t *testing.T) {
	s := ready(t, Habits{Waiting: SendAtOnce})
	s.pass(2 * time.Second)
	s.sends("poll", "1", "")
	s.idles()
	s.m.Submit([]byte("MSG"))
	s.sends("command", "1", "MSG")
	s.answered("2", "")
	s.answered("3", "") // the other one's
	if s.m.ID() != "3" {
		t.Errorf("id %q", s.m.ID())
	}
}

// Answers of requests that overlap come in any state.
func TestOverlapsAreBorne(t *testing.T) {
	overlapping := func() *stage {
		s := ready(t, Habits{Waiting: SendAtOnce})
		s.m.Submit([]byte("MSG 1"))
		s.m.Submit([]byte("MSG 2"))
		s.sends("command", "1", "MSG 1")
		s.sends("command", "1", "MSG 2")
		return s
	}
	type stageDo = func(*stage)
	whole, last := func(s *stage) { s.answered("9", "") }, func(s *stage) { s.closing("9") }
	refused, lost := func(s *stage) { s.status(400) }, func(s *stage) { s.lost("9") }
	for _, first := range []stageDo{whole, last, refused, lost} {
		for _, second := range []stageDo{whole, last, refused, lost} {
			s := overlapping()
			first(s)
			second(s)
			s.m.Next(s.now)
		}
	}
}

func TestHabitPollOn(t *testing.T) {
	s := ready(t, Habits{Waiting: PollOn})
	s.waits(2 * time.Second)
	s.sends("poll", "1", "")
	s.waits(2 * time.Second)
	s.sends("poll", "1", "")
}

func TestHabitNeverPoll(t *testing.T) {
	s := ready(t, Habits{Polling: NeverPoll})
	s.idles()
	s.m.Submit([]byte("MSG"))
	s.sends("command", "1", "MSG")
}

func TestHabitAskOn(t *testing.T) {
	s := ready(t, Habits{Refusal: AskOn})
	s.pass(2 * time.Second)
	s.sends("poll", "1", "")
	s.status(400)
	s.waits(100 * time.Millisecond)
	s.sends("poll", "1", "")
	s = newStage(t, Habits{Refusal: AskOn}, "VER")
	s.sends("open", "", "VER")
	s.status(400) // of an open it is believed
	s.over(Forgotten, "VER")
}

func TestHabitsOfBackingOff(t *testing.T) {
	for habit, wait := range map[BackOff]time.Duration{AtOnce: hardlyAny, Sluggish: aMinute} {
		s := ready(t, Habits{BackOff: habit})
		s.pass(2 * time.Second)
		for range 2 {
			s.sends("poll", "1", "")
			s.lost("")
			s.waits(wait)
		}
	}
}

func TestHabitsOfBodies(t *testing.T) {
	s := newStage(t, Habits{Bodies: AllQueued}, "VER\r\n", "CVR\r\n")
	s.sends("open", "", "VER\r\nCVR\r\n")
	s.answered("1", "")
	s.waits(2 * time.Second)
	s.sends("poll", "1", "")
}

func TestHabitOpenWithNothing(t *testing.T) {
	s := newStage(t, Habits{OpenBody: WithNothing}, "VER")
	s.sends("open", "", "")
	s.answered("1", "")
	s.sends("command", "1", "VER")
}
