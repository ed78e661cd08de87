package textlines_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"flightveil/internal/block/textlines"
)

func readAll(t *testing.T, s string) (out []textlines.Line) {
	t.Helper()
	r := textlines.New(bytes.NewReader([]byte(s)))
	for l, ok := r.Next(); ok; l, ok = r.Next() {
		l.Text = bytes.Clone(l.Text)
		out = append(out, l)
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	return out
}

func TestEnds(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "a": "a!", "a\n": "a", "a\r\nb": "a b!", "\n\n": " ", "a\n\nb\n": "a  b", "a\rb\n": "a\rb",
	} {
		var got []string
		for _, l := range readAll(t, in) {
			s := string(l.Text)
			if !l.Ended {
				s += "!"
			}
			got = append(got, s)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// Offsets are right across the buffer's end, and a line longer than the buffer
// comes in pieces that are the line.
func TestOffsets(t *testing.T) {
	var b strings.Builder
	for i := range 20_000 {
		b.WriteString(strings.Repeat("x", i%40))
		b.WriteString("\n")
	}
	b.WriteString(strings.Repeat("y", 200_000) + "\nz\n")
	text := b.String()
	var joined strings.Builder
	next := int64(0)
	for _, l := range readAll(t, text) {
		if l.Off != next || text[l.Off:l.Off+int64(len(l.Text))] != string(l.Text) {
			t.Fatalf("a line at %d, expected at %d", l.Off, next)
		}
		joined.Write(l.Text)
		next = l.Off + int64(len(l.Text))
		if l.Ended {
			joined.WriteByte('\n')
			next++
		}
	}
	if joined.String() != text {
		t.Errorf("%d bytes, want %d", joined.Len(), len(text))
	}
}

func TestCut(t *testing.T) {
	const text = "one\r\ntwo\nthree"
	for n := range len(text) + 1 {
		all := readAll(t, text[:n])
		for i, l := range all {
			if !l.Ended && i != len(all)-1 {
				t.Errorf("cut at %d: line %d has no end", n, i)
			}
		}
	}
}

type failing struct{ *bytes.Reader }

var errBroken = errors.New("broken")

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off > 0 {
		return 0, errBroken
	}
	return f.Reader.ReadAt(p, off)
}

func TestError(t *testing.T) {
	r := textlines.New(failing{bytes.NewReader([]byte(strings.Repeat("line\n", 30_000)))})
	n := 0
	for _, ok := r.Next(); ok; _, ok = r.Next() {
		n++
	}
	if !errors.Is(r.Err(), errBroken) || n == 0 {
		t.Error(n, r.Err())
	}
	if _, ok := r.Next(); ok {
		t.Error("goes on after an error")
	}
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("a\r\nb\n\nc"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := textlines.New(bytes.NewReader(b))
		end := int64(0)
		for l, ok := r.Next(); ok; l, ok = r.Next() {
			if l.Off < end || l.Off+int64(len(l.Text)) > int64(len(b)) || !bytes.Equal(b[l.Off:l.Off+int64(len(l.Text))], l.Text) || bytes.IndexByte(l.Text, '\n') >= 0 {
				t.Fatalf("a line at %d of %d bytes", l.Off, len(l.Text))
			}
			end = l.Off + int64(len(l.Text))
		}
		if r.Err() != nil || end < int64(len(b))-2 {
			t.Fatal(end, len(b), r.Err())
		}
	})
}
