// Package utf16text gives a file in UTF-16, as Windows programs write text, to
// readers of UTF-8: as an input that is transcoded where it is read, with the
// way back from its offsets to those of the file.
//
// Specification: RFC 2781. Half of a surrogate pair becomes U+FFFD; an odd byte
// at the end is left out. It holds one block, and two offsets for each.
package utf16text

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"sort"
	"unicode/utf16"
	"unicode/utf8"

	"flightveil/internal/input"
)

// Order returns the byte order of the UTF-16 text that begins with head, nil
// if it is none, and the length of the byte order mark. Without a mark, a text
// whose first two characters are ASCII is recognised by their zero bytes.
func Order(head []byte) (order binary.ByteOrder, mark int) {
	switch {
	case len(head) >= 2 && head[0] == 0xFF && head[1] == 0xFE:
		return binary.LittleEndian, 2
	case len(head) >= 2 && head[0] == 0xFE && head[1] == 0xFF:
		return binary.BigEndian, 2
	case len(head) >= 4 && head[1] == 0 && head[3] == 0 && head[0] != 0 && head[2] != 0:
		return binary.LittleEndian, 0
	case len(head) >= 4 && head[0] == 0 && head[2] == 0 && head[1] != 0 && head[3] != 0:
		return binary.BigEndian, 0
	}
	return nil, 0
}

// Prefix returns b, the beginning of a file, in UTF-8 if it is UTF-16, and as
// it is if not.
func Prefix(b []byte) []byte {
	order, mark := Order(b)
	if order == nil {
		return b
	}
	out, _ := appendText(nil, b[mark:], order, false)
	return out
}

// appendText appends raw to dst. It leaves the first half of a pair at the end
// of raw to the next call, unless there is none, and returns what it took.
func appendText(dst, raw []byte, order binary.ByteOrder, last bool) ([]byte, int) {
	n := 0
	for len(raw)-n >= 2 {
		c, size := rune(order.Uint16(raw[n:])), 2
		if c < utf8.RuneSelf {
			dst = append(dst, byte(c))
			n += 2
			continue
		}
		if utf16.IsSurrogate(c) {
			if len(raw)-n < 4 && !last {
				break
			}
			second := rune(0)
			if len(raw)-n >= 4 {
				second = rune(order.Uint16(raw[n+2:]))
			}
			if c = utf16.DecodeRune(c, second); c != utf8.RuneError {
				size = 4
			}
		}
		dst = utf8.AppendRune(dst, c)
		n += size
	}
	return dst, n
}

// blockLen is how much of the file is transcoded at a time.
const blockLen = 16 << 10

// A Text is the text of a file. It is not safe for concurrent use.
type Text struct {
	in    input.Input
	order binary.ByteOrder
	marks []mark // where blocks begin, and the end
	held  int    // the block in buf
	raw   []byte
	buf   []byte
}

// A mark is a place in the file and in its text.
type mark struct{ file, text int64 }

// Open returns the text of in, nil if that is not UTF-16. It reads in once, to
// learn how long its text is.
func Open(ctx context.Context, in input.Input) (*Text, error) {
	var head [4]byte
	if in.Size() < int64(len(head)) || input.ReadFull(in, head[:], 0) != nil {
		return nil, nil // which its reader says better
	}
	order, bom := Order(head[:])
	if order == nil {
		return nil, nil
	}
	t := &Text{in: in, order: order, held: -1, raw: make([]byte, blockLen), marks: []mark{{file: int64(bom)}}}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		from := t.marks[len(t.marks)-1]
		n := min(blockLen, in.Size()-from.file)
		taken, err := t.fill(from.file, n, from.file+n == in.Size())
		if err != nil {
			return nil, fmt.Errorf("reading UTF-16: %w", err)
		}
		if taken == 0 {
			return t, nil
		}
		t.marks = append(t.marks, mark{from.file + int64(taken), from.text + int64(len(t.buf))})
	}
}

// fill transcodes n bytes from off of the file, the last of it or not, and
// returns how many it took.
func (t *Text) fill(off, n int64, last bool) (taken int, err error) {
	t.held = -1
	if err := input.ReadFull(t.in, t.raw[:n], off); err != nil {
		return 0, err
	}
	t.buf, taken = appendText(t.buf[:0], t.raw[:n], t.order, last)
	return taken, nil
}

// Size returns the length of the text.
func (t *Text) Size() int64 { return t.marks[len(t.marks)-1].text }

// load brings the block with the byte at off of the text into buf.
func (t *Text) load(off int64) error {
	if i := t.held; i >= 0 && off >= t.marks[i].text && off < t.marks[i+1].text {
		return nil
	}
	i := sort.Search(len(t.marks), func(i int) bool { return t.marks[i].text > off }) - 1
	from, next := t.marks[i], t.marks[i+1]
	n, err := t.fill(from.file, next.file-from.file, i == len(t.marks)-2)
	if err != nil {
		return err
	}
	if int64(n) != next.file-from.file || int64(len(t.buf)) != next.text-from.text {
		return fmt.Errorf("UTF-16 that changed while it was read: %w", io.ErrUnexpectedEOF)
	}
	t.held = i
	return nil
}

// ReadAt implements [io.ReaderAt] for the text.
func (t *Text) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fmt.Errorf("offset %d", off)
	}
	for n < len(p) {
		if off >= t.Size() {
			return n, io.EOF
		}
		if err := t.load(off); err != nil {
			return n, err
		}
		k := copy(p[n:], t.buf[off-t.marks[t.held].text:])
		n += k
		off += int64(k)
	}
	return n, nil
}

// Offset returns where the byte at off of the text, or its end, lies in the file.
func (t *Text) Offset(off int64) int64 {
	if off >= t.Size() {
		return t.marks[len(t.marks)-1].file
	}
	if err := t.load(max(off, 0)); err != nil {
		i := sort.Search(len(t.marks), func(i int) bool { return t.marks[i].text > off }) - 1
		return t.marks[max(i, 0)].file // the block's beginning: it was readable before
	}
	at := t.marks[t.held]
	for _, c := range string(t.buf[:max(off, 0)-at.text]) {
		if at.file += 2; c > 0xFFFF {
			at.file += 2
		}
	}
	return at.file
}

// Span returns where the part s of the text lies in the file.
func (t *Text) Span(s input.Span) input.Span {
	from := t.Offset(s.Off)
	return input.Span{Off: from, Len: t.Offset(s.End()) - from}
}
