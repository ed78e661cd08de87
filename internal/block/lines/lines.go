// Package lines reads a text file line by line through one buffer of fixed
// size: UTF-8 or any single-byte charset as it is, UTF-16 turned into UTF-8.
// It keeps the offset of every line in the file.
package lines

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"flightveil/internal/block/utf16text"
	"flightveil/internal/input"
)

// Max is the longest line that is given whole.
const Max = 128 << 10

// A Line is one line of a file.
type Line struct {
	Text  []byte // without its end; valid until the next call
	Off   int64  // where it begins in the file
	Len   int64  // in the file, with its end
	Ended bool   // false for a last line without a line feed
	Long  bool   // longer than Max: Text is only its beginning
}

// A Reader reads lines.
type Reader struct {
	in         input.Input
	order      binary.ByteOrder // of UTF-16, or nil
	buf        []byte           // what was read and not yet given
	raw        []byte           // UTF-16 before it is turned
	start, end int              // of the last line in buf, with its end
	pos        int64            // where buf[start] lies in the file
	read       int64            // how far the file was read
	err        error
}

// New returns a Reader that starts after the byte order mark, if there is one.
func New(in input.Input) *Reader {
	r := &Reader{in: in, buf: make([]byte, 0, min(Max, 2*in.Size())+utf8.UTFMax)}
	head := make([]byte, min(4, in.Size()))
	if r.err = input.ReadFull(in, head, 0); r.err != nil {
		return r
	}
	order, mark := utf16text.Order(head)
	if r.order = order; bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}) {
		mark = 3
	}
	r.read = int64(mark)
	r.pos = r.read
	if r.order != nil {
		r.raw = make([]byte, 32<<10)
	}
	return r
}

// Err returns what went wrong with reading, if anything.
func (r *Reader) Err() error { return r.err }

// Next returns the next line; ok is false at the end of the file.
func (r *Reader) Next() (l Line, ok bool) {
	r.pos += r.Raw(r.buf[r.start:r.end])
	r.start = r.end
	for seen := 0; ; {
		rest := r.buf[r.start:]
		if i := bytes.IndexByte(rest[seen:], '\n'); i >= 0 {
			return r.line(seen + i + 1), true
		}
		if seen = len(rest); seen >= Max {
			return r.skip(), true
		}
		r.buf = r.buf[:copy(r.buf, rest)]
		r.start, r.end = 0, 0
		if !r.fill() {
			if seen == 0 || r.err != nil {
				return Line{}, false
			}
			return r.line(seen), true
		}
	}
}

func (r *Reader) line(n int) Line {
	r.end = r.start + n
	b := r.buf[r.start:r.end]
	text, ended := bytes.CutSuffix(b, []byte{'\n'})
	return Line{Text: bytes.TrimSuffix(text, []byte{'\r'}), Off: r.pos, Len: r.Raw(b), Ended: ended}
}

// skip passes over a line that is too long and gives its beginning.
func (r *Reader) skip() Line {
	l := Line{Text: bytes.Clone(r.buf[r.start:]), Off: r.pos, Long: true}
	for {
		rest := r.buf[r.start:]
		i := bytes.IndexByte(rest, '\n')
		if i >= 0 {
			rest = rest[:i+1]
		}
		n := r.Raw(rest)
		l.Len += n
		r.pos += n
		r.start += len(rest)
		r.end = r.start
		if i >= 0 {
			l.Ended = true
			return l
		}
		r.buf, r.start, r.end = r.buf[:0], 0, 0
		if !r.fill() {
			return l
		}
	}
}

// fill reads more behind what buf holds and reports whether there was more.
func (r *Reader) fill() bool {
	left := r.in.Size() - r.read
	if r.err != nil || left <= 0 {
		return false
	}
	room := cap(r.buf) - len(r.buf)
	if r.order == nil {
		n := len(r.buf)
		b := r.buf[:n+int(min(left, int64(room)))]
		if r.err = input.ReadFull(r.in, b[n:], r.read); r.err != nil {
			return false
		}
		r.read += int64(len(b) - n)
		r.buf = b
		return true
	}
	units := min(left/2, int64(len(r.raw)/2), int64(room/utf8.UTFMax))
	if units == 0 {
		return false
	}
	raw := r.raw[:2*units]
	if r.err = input.ReadFull(r.in, raw, r.read); r.err != nil {
		return false
	}
	for len(raw) > 0 {
		c, n := rune(r.order.Uint16(raw)), 2
		if utf16.IsSurrogate(c) {
			if len(raw) < 4 && int64(len(raw)) < left && units > 1 {
				break // its second half is read next time
			}
			second := rune(0)
			if len(raw) >= 4 {
				second = rune(r.order.Uint16(raw[2:]))
			}
			if c = utf16.DecodeRune(c, second); c != utf8.RuneError {
				n = 4
			}
		}
		r.buf = utf8.AppendRune(r.buf, c)
		raw = raw[n:]
		r.read += int64(n)
	}
	return true
}

// Raw returns how many bytes of the file the text b, part of a line, takes.
func (r *Reader) Raw(b []byte) int64 {
	if r.order == nil {
		return int64(len(b))
	}
	var n int64
	for _, c := range string(b) {
		n += 2
		if c > 0xFFFF {
			n += 2
		}
	}
	return n
}

// Span returns where the i-th to the j-th byte of l's text lie in the file.
func (r *Reader) Span(l Line, i, j int) input.Span {
	return input.Span{Off: l.Off + r.Raw(l.Text[:i]), Len: r.Raw(l.Text[i:j])}
}

// Start returns where the text of the file begins, behind the byte order mark.
// It must be asked before the first line.
func (r *Reader) Start() int64 { return r.pos }

// Encode returns s, which is ASCII, as the file writes text.
func (r *Reader) Encode(s string) []byte {
	if r.order == nil {
		return []byte(s)
	}
	var b []byte
	for i := range len(s) {
		var u [2]byte
		r.order.PutUint16(u[:], uint16(s[i]))
		b = append(b, u[:]...)
	}
	return b
}
