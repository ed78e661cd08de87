package input

import (
	"bytes"
	"errors"
	"io"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestReadRange(t *testing.T) {
	in := bytes.NewReader([]byte("0123456789"))
	for _, c := range []struct {
		off, n, max int64
		want        error
	}{
		{0, 10, 10, nil}, {10, 0, 10, nil}, {3, 4, 4, nil}, {3, 4, 3, ErrLimit}, {3, 8, 100, io.ErrUnexpectedEOF},
		{-1, 1, 10, io.ErrUnexpectedEOF}, {1, -1, 10, io.ErrUnexpectedEOF}, {math.MaxInt64, 1, 10, io.ErrUnexpectedEOF},
		{1, math.MaxInt64, math.MaxInt64, io.ErrUnexpectedEOF}, {11, 0, 10, io.ErrUnexpectedEOF},
	} {
		b, err := ReadRange(in, c.off, c.n, c.max)
		if !errors.Is(err, c.want) || err == nil && int64(len(b)) != c.n {
			t.Errorf("%+v: %d bytes, %v", c, len(b), err)
		}
	}
}

func TestCached(t *testing.T) {
	for _, size := range []int{0, 5, headLen - 1, headLen, headLen + 7} {
		data := make([]byte, size)
		for i := range data {
			data[i] = byte(i * 31 >> 3)
		}
		plain, cached := bytes.NewReader(data), NewCached(bytes.NewReader(data))
		rapid.Check(t, func(t *rapid.T) {
			off := rapid.Int64Range(0, int64(size)+3).Draw(t, "off")
			a, b := make([]byte, rapid.IntRange(0, size+3).Draw(t, "n")), []byte(nil)
			b = append(b, a...)
			n, err := plain.ReadAt(a, off)
			m, err2 := cached.ReadAt(b, off)
			if n != m || (err == nil) != (err2 == nil) && n > 0 || !bytes.Equal(a, b) {
				t.Fatalf("%d bytes at %d of %d: %d %v, cached %d %v", len(a), off, size, n, err, m, err2)
			}
		})
		cached.Free()
	}
}

type named struct{ id string }

func (n named) ID() string { return n.id }

func (n named) Detect(p Probe) Match {
	if bytes.HasPrefix(p.Prefix, []byte(n.id)) {
		return Likely
	}
	return No
}

func TestDetect(t *testing.T) {
	r := NewRegistry(named{"ab"}, named{"a"}, named{"x"})
	for prefix, want := range map[string]struct {
		m   Match
		tie bool
	}{"xyz": {Likely, false}, "abc": {Likely, true}, "q": {No, false}} {
		p, err := NewProbe("", bytes.NewReader([]byte(prefix)))
		if err != nil {
			t.Fatal(err)
		}
		if _, m, tie := r.Detect(p); m != want.m || tie != want.tie {
			t.Errorf("%q: %v, tie %v", prefix, m, tie)
		}
	}
}
