package history

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
)

// Read loads a history that Write has stored. It accepts a whole and unchanged
// file only: the error names the line where the damage shows, and satisfies
// errors.Is(err, errTampered) if the lines are well-formed but not those that
// were written. It never returns part of a history.
func Read(r io.Reader) (Meta, []Event, error) { return read(r, 0) }

// read is Read with room made for the number of events that are expected.
func read(r io.Reader, events int) (Meta, []Event, error) {
	in := newReader()
	in.in, in.sum = bufio.NewReader(r), sha256.New()
	if events > 0 {
		in.events = make([]Event, 0, events)
	}
	meta, err := in.head()
	for err == nil && !in.sealed {
		err = in.next()
	}
	if err == nil {
		err = in.end()
	}
	if err != nil {
		return Meta{}, nil, fmt.Errorf("reading a history: line %d: %w", in.number, err)
	}
	return meta, in.events, nil
}

const (
	longestSeal  = 4 << 10 // more than a last line has, in bytes
	longHistory  = 8 << 20 // bytes above which the digest is checked before anything is kept in memory
	shortestLine = 50      // of an event, in bytes
)

// ReadFile is Read for a file, and takes less memory: of a long one nothing is kept before
// its digest has been checked, and the events are allocated once.
func ReadFile(file io.ReaderAt, size int64) (Meta, []Event, error) {
	seal, above, err := sealOf(file, size)
	if err == nil && size > longHistory {
		err = seal.fits(file, above)
	}
	if err != nil && size > longHistory { // the error of a short one names the damaged line
		return Meta{}, nil, fmt.Errorf("reading a history: %w", err)
	}
	return read(io.NewSectionReader(file, 0, size), max(0, min(seal.Events, int(above/shortestLine))))
}

// ReadMeta returns which run a file's history belongs to. It checks the digest of the
// file, and does not parse the events.
func ReadMeta(file io.ReaderAt, size int64) (Meta, error) {
	seal, above, err := sealOf(file, size)
	if err == nil {
		err = seal.fits(file, above)
	}
	if err != nil {
		return Meta{}, fmt.Errorf("reading a history: %w", err)
	}
	return (&reader{in: bufio.NewReader(io.NewSectionReader(file, 0, size)), sum: sha256.New()}).head()
}

// sealOf returns the last line of a file, and how many bytes are above it.
func sealOf(file io.ReaderAt, size int64) (seal lastLine, above int64, err error) {
	tail := make([]byte, min(size, longestSeal))
	if _, err := file.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return seal, 0, err
	}
	tail = bytes.TrimSuffix(tail, []byte("\n"))
	at := bytes.LastIndexByte(tail, '\n') + 1
	if err := decode(tail[at:], &seal); err != nil {
		return seal, 0, fmt.Errorf("cut short: the last line is no count of the events: %w", err)
	}
	return seal, max(0, size-longestSeal) + int64(at), nil
}

// fits checks the digest of the lines above.
func (l lastLine) fits(file io.ReaderAt, above int64) error {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(file, 0, above)); err != nil {
		return err
	}
	if l.SHA256 != digest(sum) {
		return fmt.Errorf("%w: the digest of the lines above is another", errTampered)
	}
	return nil
}

type reader struct {
	in     *bufio.Reader
	number int // of the line being read
	sum    hash.Hash
	blobs  map[string][]byte
	events []Event
	sealed bool // the last line was read
	lines  *decoder
	room   eventLine // that is decoded
}

func newReader() *reader { return &reader{blobs: map[string][]byte{}, lines: newDecoder()} }

// line returns the next line without its end; io.EOF means that there is none.
func (r *reader) line() ([]byte, error) {
	r.number++
	line, err := r.in.ReadBytes('\n')
	if errors.Is(err, io.EOF) && len(line) > 0 {
		return nil, errors.New("cut short: the line has no end")
	}
	return bytes.TrimSuffix(line, []byte("\n")), err
}

func (r *reader) head() (Meta, error) {
	line, err := r.line()
	if err != nil {
		return Meta{}, fmt.Errorf("no history: %w", err)
	}
	return r.headFrom(line)
}

func (r *reader) headFrom(line []byte) (Meta, error) {
	var head headLine
	if err := decode(line, &head); err != nil {
		return Meta{}, fmt.Errorf("no history: %w", err)
	}
	if head.Format != formatName || head.Version != formatVersion {
		return Meta{}, fmt.Errorf("format %q version %d, want %q version %d", head.Format, head.Version, formatName, formatVersion)
	}
	r.add(line)
	return head.Meta, nil
}

// next reads a line after the first. The last one is not part of its own sum.
func (r *reader) next() error {
	line, err := r.line()
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("cut short: the last line, which counts the events, is missing after %d events", len(r.events))
	}
	if err != nil {
		return err
	}
	switch {
	case bytes.HasPrefix(line, []byte(lastBegins)):
		return r.seal(line)
	case bytes.HasPrefix(line, []byte(eventBegins)):
		err = r.event(line)
	case bytes.HasPrefix(line, []byte(blobBegins)):
		err = r.blob(line)
	default:
		err = fmt.Errorf("neither an event nor a blob nor the last line: %.40q", line)
	}
	r.add(line)
	return err
}

func (r *reader) add(line []byte) {
	r.sum.Write(line)         // a hash never fails
	r.sum.Write([]byte{'\n'}) //
}

func (r *reader) blob(text []byte) error {
	var line blobLine
	if err := r.lines.decode(text, &line); err != nil {
		return err
	}
	data, err := line.unpack()
	if err != nil {
		return err
	}
	if refOf(data) != line.Blob {
		return fmt.Errorf("%w: blob %s holds other data", errTampered, line.Blob)
	}
	r.blobs[line.Blob] = data
	return nil
}

func (r *reader) event(text []byte) error {
	line := &r.room
	*line = eventLine{}
	if err := r.lines.decode(text, line); err != nil {
		return err
	}
	if err := r.check(&line.Event); err != nil {
		return err
	}
	data, err := r.data(line)
	if err != nil {
		return err
	}
	line.Data = data
	err = line.showBytes()
	r.events = append(r.events, line.Event)
	return err
}

// check looks at an event as decoded, before its data is put in.
func (r *reader) check(e *Event) error {
	last := 0
	if n := len(r.events); n > 0 {
		last = r.events[n-1].Seq
	}
	switch {
	case e.Data != nil:
		return errors.New(`unknown field "data"`)
	case e.Seq <= last:
		return fmt.Errorf("%w: event %d is out of order", errTampered, e.Seq)
	}
	return nil
}

func (r *reader) data(line *eventLine) ([]byte, error) {
	if line.Ref == "" {
		return line.unpack()
	}
	data, ok := r.blobs[line.Ref]
	if !ok || line.Raw != "" || line.Raw64 != nil {
		return nil, fmt.Errorf("%w: event %d refers to blob %q, which is not before it", errTampered, line.Seq, line.Ref)
	}
	return data, nil
}

// seal checks the last line against all before it.
func (r *reader) seal(text []byte) error {
	var line lastLine
	if err := decode(text, &line); err != nil {
		return err
	}
	r.sealed = true
	if line.Events != len(r.events) {
		return fmt.Errorf("%w: %d events were written and %d are here%s", errTampered, line.Events, len(r.events), r.gap())
	}
	if line.SHA256 != digest(r.sum) {
		return fmt.Errorf("%w: the digest of the lines above is another", errTampered)
	}
	return nil
}

// gap names the first number that is skipped. Gaps alone are no damage: a soak
// run keeps its last exchanges only.
func (r *reader) gap() string {
	want := 1
	for _, e := range r.events {
		if e.Seq != want {
			return fmt.Sprintf("; event %d is the first one missing", want)
		}
		want++
	}
	return ""
}

// end wants nothing after the last line.
func (r *reader) end() error {
	r.number++
	switch _, err := r.in.Peek(1); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err // nobody knows what follows
	}
	return fmt.Errorf("%w: something follows the last line", errTampered)
}

// decoder decodes lines, one after the other. After an error it is of no use.
type decoder struct {
	line bytes.Reader // that is decoded
	json *json.Decoder
	end  int64 // of the line, in all that was decoded
}

func newDecoder() *decoder {
	d := &decoder{}
	d.json = json.NewDecoder(&d.line)
	d.json.DisallowUnknownFields()
	return d
}

func (d *decoder) decode(text []byte, v any) error {
	d.line.Reset(text)
	d.end += int64(len(text))
	if err := d.json.Decode(v); err != nil {
		return err
	}
	if d.json.InputOffset() != d.end {
		return errors.New("more than one value on the line")
	}
	return nil
}

func decode(text []byte, v any) error { return newDecoder().decode(text, v) }
