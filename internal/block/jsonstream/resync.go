package jsonstream

import (
	"bytes"
	"io"

	"flightveil/internal/input"
)

// Resync goes on after an error: to the next array of numbers, for which the
// reader then is as deep as depth says, or to the next of the keys.
// The input's end is [io.EOF].
func (r *Reader) Resync(depth int, keys ...string) error {
	for {
		c, ok := r.peek()
		switch {
		case !ok:
			return r.nothing()
		case c == '[' && depth > 0 && r.row():
			r.stack = append(r.stack[:0], bytes.Repeat([]byte("{"), depth-1)...)
			r.stack = append(r.stack, '[')
			r.want, r.loose, r.base = value, true, 1
			return nil
		case c == '"' && r.named(keys):
			r.stack = append(r.stack[:0], '{')
			r.want, r.loose, r.base = key, true, 1
			return nil
		}
		r.at++
	}
}

// nothing returns the error of an end where one was to be.
func (r *Reader) nothing() error {
	if r.err != nil {
		return r.err
	}
	return io.EOF
}

// ResyncObject goes on after an error at the first object that follows another,
// or begins a line. What closes, or separates, what began before is passed over.
func (r *Reader) ResyncObject() error {
	before, last, line, bol := byte(0), byte(0), false, false // the last two that are no space; a line feed behind them, right before
	for first := r.Offset(); ; r.at++ {
		c, ok := r.peek()
		switch {
		case !ok:
			return r.nothing()
		case space(c):
			bol = c == '\n'
			line = line || bol
			continue
		case c == '{' && r.Offset() > first && (last == ',' && before == '}' || last == '}' && line || bol):
			r.stack, r.want, r.loose, r.base = r.stack[:0], value, true, 0
			return nil
		}
		before, last, line, bol = last, c, false, false
	}
}

// ahead returns up to n bytes from the next one on.
func (r *Reader) ahead(n int) []byte {
	if len(r.buf)-r.at < n && r.start+int64(len(r.buf)) < r.in.Size() {
		r.start += int64(r.at)
		r.buf = r.buf[:min(int64(cap(r.buf)), r.in.Size()-r.start)]
		r.at = 0
		if r.err = input.ReadFull(r.in, r.buf, r.start); r.err != nil {
			r.buf = r.buf[:0]
		}
	}
	return r.buf[r.at:min(len(r.buf), r.at+n)]
}

func (r *Reader) row() bool {
	b := r.ahead(64)
	if len(b) == 0 {
		return false
	}
	b = bytes.TrimLeft(b[1:], " \t\r\n")
	return len(b) > 0 && (b[0] == '-' || b[0] >= '0' && b[0] <= '9')
}

func (r *Reader) named(keys []string) bool {
	b := r.ahead(64)
	for _, k := range keys {
		if len(b) > len(k)+1 && string(b[1:1+len(k)]) == k && b[1+len(k)] == '"' {
			return true
		}
	}
	return false
}
