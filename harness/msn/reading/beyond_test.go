package reading

import (
	"testing"
	"time"

	"gauntlet/harness/judge/history"
)

// FuzzBeyond reads two exchanges as strangers may have recorded them: whatever they say,
// what is read beyond them are events as others are.
func FuzzBeyond(f *testing.F) {
	const target, given = "/gateway/gateway.dll?Action=open&Server=NS&IP=messenger.hotmail.com", "SessionID=1.1; GW-IP=gateway.example.com"
	f.Add(target, "VER 1 MSNP8 CVR0\r\n", given, "VER 1 MSNP8\r\n", "OUT\r\n", 200)
	f.Add(target, "USR 1 TWN S t\r\n", given, "USR 1 OK alice@example.com;{a} alice 1 0\r\n", "OUT\r\n", 0)
	f.Add(target, "USR 1 TWN S t\r\n", given, "USR 1 OK ;alice@example.com alice 1 0\r\n", "OUT\r\n", 400)
	f.Add("/gateway/gateway.dll?Action=open&IP=messenger.hotmail.com", "VER 1 MSNP8 CVR0\r\n", given+"; Session=close", "VER 1 MSNP8\r\n", "", 400)
	f.Add("/gateway/gateway.dll?Action=open&Server=", "", "SessionID=; GW-IP=", "OUT", "OUT", -1)
	f.Fuzz(func(t *testing.T, target, body, given, answer, next string, status int) {
		events := []history.Event{{Seq: 1, From: history.AtHop, Kind: history.Accepted, Conn: 1}}
		exchange := func(n int, target, body string, answers ...history.Event) {
			asked := []history.Event{
				{Kind: history.RequestBegan},
				{Kind: history.RequestHead, Data: []byte("POST " + target + " HTTP/1.1\r\n\r\n")},
				{Kind: history.RequestDone, Data: []byte(body)},
			}
			for _, e := range append(asked, answers...) {
				if e.Kind != history.RequestBegan { // which exchange it is shows with the head
					e.Exchange = n
				}
				e.Seq, e.At, e.From, e.Conn = len(events)+1, time.Duration(len(events))*time.Second, history.AtHop, 1
				events = append(events, e)
			}
		}
		head := []byte("HTTP/1.1 200 OK\r\nX-MSN-Messenger: " + given + "\r\n\r\n")
		exchange(1, target, body, history.Event{Kind: history.AnswerHead, Status: 200, Data: head}, history.Event{Kind: history.AnswerDone, Status: 200, Data: []byte(answer)})
		exchange(2, "/gateway/gateway.dll?SessionID=1.1", next, history.Event{Kind: history.AnswerHead, Status: status, Data: head[:len("HTTP/1.1 200 OK\r\n")]}, history.Event{Kind: history.AnswerDone, Status: status})
		if err := history.Check(events); err != nil {
			t.Fatal(err)
		}
		all, _ := Beyond(events)
		if err := history.Check(all); err != nil {
			t.Errorf("%v\n%+v", err, all)
		}
	})
}
