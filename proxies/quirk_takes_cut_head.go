package proxies

import "io"

// A faithful box takes an answer for cut whose head has no end.
//
// Quirk `takes-cut-head` (Quirks.TakesCutHead): when the server closes the
// connection in the head of its answer, what came counts as the head, and
// nothing follows. A reset is a failure as ever.

// completes tells whether err is the end of a head that counts as whole.
func (u *upstream) completes(err error) bool {
	return err == io.EOF && u.waits != nil && len(u.buffer) > 0 && u.waits.box.spec.Quirks.TakesCutHead
}
