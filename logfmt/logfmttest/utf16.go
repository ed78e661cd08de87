package logfmttest

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"flightveil/internal/input"
	"flightveil/logfmt"

	"github.com/google/go-cmp/cmp"
)

// RunUTF16 tests that f reads the text samples of dir alike when they are
// UTF-16, in either byte order, and that what it says of places is then true of
// that file.
func RunUTF16(t *testing.T, f logfmt.Format, dir string) {
	tested := 0
	for name, b := range samples(t, dir) {
		b = bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF"))
		if strings.HasPrefix(name, "damaged") || !utf8.Valid(b) || bytes.IndexByte(b, 0) >= 0 {
			continue
		}
		tested++
		for order, word := range map[binary.AppendByteOrder]string{binary.LittleEndian: "little", binary.BigEndian: "big"} {
			t.Run(name+"/"+word, func(t *testing.T) {
				wide := wider([]byte("\uFEFF"+string(b)), order)
				detect(t, f, name, wide)
				want, err := Decode(t, f, b)
				got, wideErr := Decode(t, f, wide)
				if (err == nil) != (wideErr == nil) || len(got) != len(want) {
					t.Fatalf("%d records, %v; in UTF-8 %d, %v", len(got), wideErr, len(want), err)
				}
				for i, r := range got {
					a, w := readable(r), readable(want[i])
					if x, ok := r.(logfmt.Identifier); ok {
						for j, s := range want[i].(logfmt.Identifier).Spans {
							same(t, x.Path, b, s, wide, x.Spans[j], order)
						}
						delete(a, "spans")
						delete(w, "spans")
					}
					if x, ok := r.(logfmt.Damage); ok {
						y := want[i].(logfmt.Damage)
						same(t, x.Reason, b, input.Span{Off: y.Off, Len: y.Len}, wide, input.Span{Off: x.Off, Len: x.Len}, order)
						delete(a, "Off")
						delete(a, "Len")
						delete(w, "Off")
						delete(w, "Len")
					}
					if d := cmp.Diff(w, a); d != "" {
						t.Fatalf("record %d differs (-UTF-8 +UTF-16):\n%s", i, d)
					}
				}
				for n := 0; n < len(wide); n += max(1, len(wide)/200) {
					Decode(t, f, wide[:n])
				}
			})
		}
	}
	if tested == 0 {
		t.Fatal("no text among the samples of ", dir)
	}
}

// wider returns b in UTF-16.
func wider(b []byte, order binary.AppendByteOrder) (out []byte) {
	for _, u := range utf16.Encode([]rune(string(b))) {
		out = order.AppendUint16(out, u)
	}
	return out
}

// same checks that the part s of b is the part ws of wide.
func same(t *testing.T, what string, b []byte, s input.Span, wide []byte, ws input.Span, order binary.AppendByteOrder) {
	t.Helper()
	if s.End() > int64(len(b)) || ws.End() > int64(len(wide)) || !slices.Equal(wider(b[s.Off:s.End()], order), wide[ws.Off:ws.End()]) {
		t.Errorf("%s lies at %v in UTF-8, at %v in UTF-16: not the same", what, s, ws)
	}
}
