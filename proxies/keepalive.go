package proxies

import "net/http"

// What closes-after-answer may say.
const (
	announced = "announced"
	silently  = "silently"
)

// decideKeepAlive announces that the client's connection ends with the answer
// whose header is h, where a quirk wants that.
func (b *httpBox) decideKeepAlive(h http.Header, r *http.Request) {
	q := &b.spec.Quirks
	old := !r.ProtoAtLeast(1, 1)
	if q.ClosesAfterAnswer == announced || q.ClosesOld && old || q.AnswersVersion == "1.0" && !old {
		h["Connection"] = []string{"close"}
	}
}
