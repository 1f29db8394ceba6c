package messenger

import (
	"time"

	"gauntlet/proxies/network"
)

// enqueue hands data to the writer; it never blocks. A client that lets too
// much pile up is cut off: nobody else may wait for it.
func (l *link) enqueue(data []byte) {
	if l.queue.put(data) {
		return
	}
	l.log.Warn("client reads too slowly", "limit", l.queue.limit)
	_ = l.conn.Close() // the reader reports the end
}

// finish lets the writer hang up when it has written what is queued.
func (l *link) finish() {
	_ = l.conn.SetWriteDeadline(time.Now().Add(farewell)) // without deadlines, Close would merely wait
	l.queue.finish()
}

// write sends what is queued until the link finishes or is gone.
func (l *link) write() {
	for {
		select {
		case <-l.gone:
			return
		case <-l.queue.wake:
		}
		data, last := l.queue.take()
		if !l.put(data) {
			return
		}
		if last {
			l.hangUp()
			return
		}
	}
}

// put writes data; false means that the connection is no more.
func (l *link) put(data []byte) bool {
	if len(data) == 0 {
		return true
	}
	_, err := l.conn.Write(data)
	if err != nil {
		l.log.Debug("write", "error", err)
		_ = l.conn.Close() // the reader reports the end
	}
	return err == nil
}

// hangUp closes our direction and gives the client a moment to close its own;
// a connection that cannot do that, or a messenger in a hurry, just closes.
func (l *link) hangUp() {
	half, can := l.conn.(network.CloseWriter)
	if can && !l.m.closing() && half.CloseWrite() == nil {
		if l.conn.SetReadDeadline(time.Now().Add(farewell)) == nil && l.stays() {
			return
		}
	}
	_ = l.conn.Close() // the reader reports the end
}

// stays waits out the farewell, unless the client or the messenger ends it
// sooner; it tells that the reader has ended.
func (l *link) stays() bool {
	select {
	case <-l.gone:
		return true
	case <-l.m.done:
		return false
	}
}

func (m *Messenger) closing() bool {
	select {
	case <-m.done:
		return true
	default:
		return false
	}
}

// put appends data; false means that the queue is full, or was.
func (q *queue) put(data []byte) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.burst || len(q.bytes)+len(data) > q.limit {
		q.burst = true
		return false
	}
	q.bytes = append(q.bytes, data...)
	q.signal()
	return true
}

func (q *queue) finish() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.last = true
	q.signal()
}

func (q *queue) take() (data []byte, last bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	data, q.bytes = q.bytes, nil
	return data, q.last
}

func (q *queue) isBurst() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.burst
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default: // the writer has been woken already
	}
}
