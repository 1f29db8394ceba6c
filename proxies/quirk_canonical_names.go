package proxies

import "bytes"

// A faithful box writes header fields in the order and spelling in which they
// came, both ways, and the status line with the server's own reason: there are
// clients that look for `X-MSN-Messenger` letter by letter.
//
// Quirk `canonical-names` (Quirks.CanonicalNames): heads are written as
// net/http writes them: `X-Msn-Messenger`, sorted.

// requestChange is what becomes of the head that net/http makes of a request;
// nil leaves it as it is.
func (x *exchange) requestChange() func([]byte) []byte {
	q := &x.box.spec.Quirks
	if q.CanonicalNames && !q.LowerCaseNames && !q.FreshUpstream && q.AsksVersion == "" && !q.KeepsAbsoluteForm && !q.ReordersFields {
		return nil
	}
	return x.changeRequest
}

func (x *exchange) changeRequest(generated []byte) []byte {
	q := &x.box.spec.Quirks
	generated = q.hideClose(generated)
	original, line := x.request, startLine(generated)
	if q.CanonicalNames {
		original = parseHead(generated)
	} else {
		line = requestLine(x.request, line)
	}
	if q.KeepsAbsoluteForm {
		line = x.request.start
	}
	return q.lower(q.reorder(respell(original, generated, withVersion(line, x.askedVersion()))))
}

// answerChange is what becomes of the head that net/http makes of an answer
// from upstream.
func (x *exchange) answerChange() func([]byte) []byte {
	original := x.answer.Load()
	if x.box.spec.Quirks.CanonicalNames || original == nil {
		return x.ownAnswerChange()
	}
	return func(generated []byte) []byte {
		q := &x.box.spec.Quirks
		line := withVersion(statusLine(original, startLine(generated)), q.answersVersion(original.start))
		return q.lower(respell(original, generated, line))
	}
}

// ownAnswerChange is the same for the pages that the box makes itself.
func (x *exchange) ownAnswerChange() func([]byte) []byte {
	q := &x.box.spec.Quirks
	if !q.LowerCaseNames && q.AnswersVersion == "" {
		return nil
	}
	return func(generated []byte) []byte {
		line := startLine(generated)
		rest := generated[len(line):]
		return q.lower(append([]byte(withVersion(line, q.answersVersion(""))), rest...))
	}
}

func startLine(raw []byte) string {
	line, _, _ := bytes.Cut(raw, []byte("\r\n"))
	return string(line)
}
