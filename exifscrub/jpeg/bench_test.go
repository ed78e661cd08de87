package jpeg_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"flightveil/exifscrub"
	format "flightveil/exifscrub/jpeg"
)

// bigPicture returns a picture with n bytes that look like coded data: one in
// 256 is 0xFF with its stuffed zero behind it.
func bigPicture(tb testing.TB, n int) []byte {
	tb.Helper()
	small, err := os.ReadFile(filepath.Join("testdata", "plain.jpg"))
	if err != nil {
		tb.Fatal(err)
	}
	at := len(small) - 2 // before EOI
	out := append(make([]byte, 0, n+len(small)), small[:at]...)
	r := rand.New(rand.NewPCG(1, 2))
	for len(out) < n {
		b := byte(r.Uint32())
		if out = append(out, b); b == 0xFF {
			out = append(out, 0)
		}
	}
	return append(out, 0xFF, 0xD9)
}

func BenchmarkWalk(b *testing.B) {
	file := filepath.Join(b.TempDir(), "big.jpg")
	if err := os.WriteFile(file, bigPicture(b, 14<<20), 0o600); err != nil {
		b.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	in := sized{f, st.Size()}
	b.SetBytes(st.Size())
	for b.Loop() {
		for _, err := range (format.Format{}).Walk(b.Context(), in, exifscrub.Limits{}.Defaults()) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

type sized struct {
	*os.File
	size int64
}

func (s sized) Size() int64 { return s.size }

// TestBigPicture checks that a scan longer than any buffer is followed.
func TestBigPicture(t *testing.T) {
	b := bigPicture(t, 1<<20)
	var end int64
	for item, err := range (format.Format{}).Walk(t.Context(), bytes.NewReader(append(b, "behind"...)), exifscrub.Limits{}.Defaults()) {
		if err != nil {
			t.Fatal(err)
		}
		if item.Coded != nil {
			end = item.Coded.End()
		}
	}
	if want := int64(len(b) - 2); end != want {
		t.Errorf("the scan ends at %d, want %d", end, want)
	}
}
