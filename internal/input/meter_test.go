package input

import (
	"bytes"
	"errors"
	"testing"
)

func TestMeter(t *testing.T) {
	in := bytes.NewReader(make([]byte, 1000))
	read := func(m *Meter) (failed int) {
		metered, b := m.Of(in), make([]byte, 10)
		for range 10 * looks {
			if _, err := metered.ReadAt(b, 5); errors.Is(err, ErrLimit) {
				failed++
			} else if err != nil {
				t.Fatal(err)
			}
		}
		return failed
	}
	if n := read(&Meter{Max: 1}); n != 10 {
		t.Errorf("%d of %d reads refused with nothing to spare, want every %dth", n, 10*looks, looks)
	}
	for _, m := range []*Meter{nil, {}, {Max: 1 << 40}} {
		if n := read(m); n != 0 {
			t.Errorf("%+v: %d reads refused", m, n)
		}
	}
	junk := make([][]byte, 0, 64) // what is dead does not count
	for range 64 {
		junk = append(junk[:0], make([]byte, 1<<20))
	}
	if n := read(&Meter{Max: int64(held()) + 8<<20}); n != 0 {
		t.Errorf("%d reads refused because of garbage (%d)", n, len(junk))
	}
}
