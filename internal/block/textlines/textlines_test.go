package textlines_test

import (
	"fmt"
	"strings"
	"testing"

	"flightveil/internal/block/textlines"

	"github.com/google/go-cmp/cmp"
)

// read returns the lines of s as "offset text", with a mark where the end is
// missing.
func read(t *testing.T, s string) (out []string) {
	t.Helper()
	r := textlines.New(strings.NewReader(s))
	for l, ok := r.Next(); ok; l, ok = r.Next() {
		mark := ""
		if !l.Ended {
			mark = " cut"
		}
		out = append(out, fmt.Sprintf("%d %s%s", l.Off, l.Text, mark))
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	return out
}

func TestLines(t *testing.T) {
	for in, want := range map[string][]string{
		"":           nil,
		"a":          {"0 a cut"},
		"a\n":        {"0 a"},
		"a\r\nb\r\n": {"0 a", "3 b"},
		"\n\nb":      {"0 ", "1 ", "2 b cut"},
		"a\rb\n":     {"0 a\rb"},
	} {
		if d := cmp.Diff(want, read(t, in)); d != "" {
			t.Errorf("%q:\n%s", in, d)
		}
	}
}

func TestManyAndLong(t *testing.T) {
	const buffer = 64 << 10
	var b strings.Builder
	var want []string
	for i := range 20_000 {
		want = append(want, fmt.Sprintf("%d line %d", b.Len(), i))
		fmt.Fprintf(&b, "line %d\n", i)
	}
	if d := cmp.Diff(want, read(t, b.String())); d != "" {
		t.Error(d)
	}
	for _, n := range []int{buffer - 1, buffer, buffer + 1, 3 * buffer} {
		pieces := read(t, strings.Repeat("x", n)+"\nend\n")
		total := 0
		for _, p := range pieces[:len(pieces)-1] {
			total += strings.Count(p, "x")
		}
		if total != n || pieces[len(pieces)-1] != fmt.Sprintf("%d end", n+1) {
			t.Errorf("a line of %d comes as %d, then %s", n, total, pieces[len(pieces)-1])
		}
	}
}
