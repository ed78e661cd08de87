package makernote

import (
	"testing"

	"flightveil/internal/input"

	"pgregory.net/rapid"
)

// A spanSet does what a list of bytes that are taken would.
func TestSpanSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const size = 64
		var set spanSet
		var taken [size]bool
		for range rapid.IntRange(0, 30).Draw(t, "spans") {
			a := input.Span{Off: rapid.Int64Range(0, size-1).Draw(t, "off")}
			a.Len = rapid.Int64Range(0, size-a.Off).Draw(t, "len")
			var want, got [size]bool
			for i := a.Off; i < a.End(); i++ {
				want[i], taken[i] = !taken[i], true
			}
			free := set.without([]input.Span{a})
			n := int64(0)
			for _, f := range free {
				n += f.Len
				for i := f.Off; i < f.End(); i++ {
					if !want[i] {
						t.Fatal("a byte of the set is not without it")
					}
				}
			}
			for i := range want {
				if want[i] {
					n--
				}
			}
			if n != 0 {
				t.Fatalf("without(%v) misses something", a)
			}
			for _, f := range set.take([]input.Span{a}) {
				for i := f.Off; i < f.End(); i++ {
					if got[i] {
						t.Fatal("a byte is given twice")
					}
					got[i] = true
				}
			}
			if got != want {
				t.Fatalf("taking %v gave %v, want %v", a, got, want)
			}
			for i := 1; i < len(set); i++ {
				if set[i].Off <= set[i-1].End() {
					t.Fatal("the set is not in order")
				}
			}
		}
	})
}
