package gpmf

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"

	"flightveil/internal/input"
)

// sizeOf returns the size of a value of a type, 0 if there is no such type.
func sizeOf(kind byte) int {
	switch kind {
	case 'b', 'B', 'c':
		return 1
	case 's', 'S':
		return 2
	case 'f', 'F', 'l', 'L', 'q':
		return 4
	case 'd', 'j', 'J', 'Q':
		return 8
	case 'G', 'U':
		return 16
	}
	return 0
}

// Types returns the type of each value of a structure of e, which together are
// as long as the structure.
func (e Entry) Types() (string, error) {
	layout := string(e.Type)
	if e.Type == '?' {
		layout = e.Layout
	}
	var out []byte
	total := 0
	add := func(kind byte, n int) bool {
		size := sizeOf(kind)
		if size == 0 || n > (e.Size-total)/size {
			return false
		}
		total += n * size
		for range n {
			out = append(out, kind)
		}
		return true
	}
	for i := 0; i < len(layout); i++ {
		kind, n := layout[i], 1
		if rest := layout[i+1:]; strings.HasPrefix(rest, "[") { // "f[8]"
			end := strings.IndexByte(rest, ']')
			if end < 0 {
				return "", fmt.Errorf("layout of %s: %w", e.place(), ErrSyntax)
			}
			v, err := strconv.ParseUint(rest[1:end], 10, 8)
			if err != nil {
				return "", fmt.Errorf("layout of %s: %w", e.place(), ErrSyntax)
			}
			n, i = int(v), i+1+end
		} else if e.Type != '?' && sizeOf(kind) > 0 {
			n = e.Size / sizeOf(kind)
		}
		if !add(kind, n) {
			return "", fmt.Errorf("layout of %s: %w", e.place(), ErrSyntax)
		}
	}
	if total != e.Size || total == 0 {
		return "", fmt.Errorf("layout of %s: %w", e.place(), ErrSyntax)
	}
	return string(out), nil
}

// Rows yields the structures of e as numbers, divided by their scales. Values
// that are no numbers are NaN; an entry without any is not supported. The row
// is valid until the next one.
func (e Entry) Rows(in input.Input) iter.Seq2[[]float64, error] {
	return func(yield func([]float64, error) bool) {
		if e.Type == 0 || e.Type == '#' || e.Type == 'c' || e.Type == 'F' || e.Type == 'G' || e.Type == 'U' {
			yield(nil, fmt.Errorf("%s as numbers: %w", e.place(), input.ErrUnsupported))
			return
		}
		if e.Repeat == 0 || e.Size == 0 {
			return
		}
		types, err := e.Types()
		if err != nil {
			yield(nil, err)
			return
		}
		row := make([]float64, len(types))
		for b, err := range e.structures(in) {
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range types {
				n := sizeOf(types[i])
				row[i] = number(types[i], b[:n]) / e.divisor(i)
				b = b[n:]
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// structures yields the bytes of each structure, valid until the next.
func (e Entry) structures(in input.Input) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		per := min(max(1, 4096/e.Size), e.Repeat)
		buf := make([]byte, per*e.Size)
		for done := 0; done < e.Repeat; done += per {
			n := min(per, e.Repeat-done)
			if err := input.ReadFull(in, buf[:n*e.Size], e.Span.Off+int64(done)*int64(e.Size)); err != nil {
				yield(nil, fmt.Errorf("reading %s: %w", e.place(), err))
				return
			}
			for i := range n {
				if !yield(buf[i*e.Size:(i+1)*e.Size], nil) {
					return
				}
			}
		}
	}
}

// divisor returns what value i of a structure is divided by.
func (e Entry) divisor(i int) float64 {
	if len(e.Scale) == 1 {
		i = 0
	}
	if i >= len(e.Scale) || e.Scale[i] == 0 {
		return 1
	}
	return e.Scale[i]
}

// number returns a value of a numeric type, or NaN.
func number(kind byte, b []byte) float64 {
	be := binary.BigEndian
	switch kind {
	case 'b':
		return float64(int8(b[0]))
	case 'B':
		return float64(b[0])
	case 's':
		return float64(int16(be.Uint16(b)))
	case 'S':
		return float64(be.Uint16(b))
	case 'l':
		return float64(int32(be.Uint32(b)))
	case 'L':
		return float64(be.Uint32(b))
	case 'q': // Q15.16
		return float64(int32(be.Uint32(b))) / (1 << 16)
	case 'f':
		return float64(math.Float32frombits(be.Uint32(b)))
	case 'j':
		return float64(int64(be.Uint64(b)))
	case 'J':
		return float64(be.Uint64(b))
	case 'Q': // Q31.32
		return float64(int64(be.Uint64(b))) / (1 << 32)
	case 'd':
		return math.Float64frombits(be.Uint64(b))
	}
	return math.NaN()
}

// Strings returns the structures of e as texts, without the zeros behind them.
// Texts are ISO 8859-1; a UUID is hexadecimal. Elements above 64 kB are too long.
func (e Entry) Strings(in input.Input) ([]string, error) {
	b, err := input.ReadRange(in, e.Span.Off, e.Span.Len, maxSticky)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", e.place(), err)
	}
	if e.Type == 'c' && e.Size == 1 { // one text of so many characters
		return []string{latin1(b)}, nil
	}
	var out []string
	for ; len(b) >= e.Size && len(b) > 0; b = b[e.Size:] {
		switch e.Type {
		case 'c', 'F', 'U':
			out = append(out, latin1(b[:e.Size]))
		case 'G':
			out = append(out, fmt.Sprintf("%x", b[:e.Size]))
		default:
			return nil, fmt.Errorf("%s as text: %w", e.place(), input.ErrUnsupported)
		}
	}
	return out, nil
}

// Text returns e as one text.
func (e Entry) Text(in input.Input) (string, error) {
	s, err := e.Strings(in)
	return strings.Join(s, " "), err
}

func latin1(b []byte) string {
	r := make([]rune, 0, len(b))
	for _, c := range b {
		r = append(r, rune(c))
	}
	return strings.TrimRight(string(r), "\x00")
}

// ParseTime reads the time of GPSU: yymmddhhmmss.sss, UTC.
func ParseTime(s string) (time.Time, error) {
	t, err := time.Parse("20060102150405.999", "20"+strings.TrimSpace(s))
	if err != nil {
		return time.Time{}, fmt.Errorf("time of the receiver: %w", ErrSyntax)
	}
	return t, nil
}

// place says where e is, for errors.
func (e Entry) place() string { return fmt.Sprintf("the element at %d", e.Head) }
