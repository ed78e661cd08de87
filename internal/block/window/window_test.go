package window

import (
	"bytes"
	"crypto/sha256"
	"testing"
	"testing/iotest"

	"flightveil/internal/input"
)

func TestPeek(t *testing.T) {
	b := make([]byte, 3*Size+17)
	for i := range b {
		b[i] = byte(i * i >> 5)
	}
	r := New(bytes.NewReader(b))
	for _, tc := range []struct{ off, n int64 }{
		{0, 8}, {5, 8}, {Size - 4, 8}, {0, Size}, {3 * Size, 100}, {2*Size + 3, 9}, {int64(len(b)) - 1, 1}, {0, 1 << 40},
	} {
		want := b[tc.off:min(int64(len(b)), tc.off+min(tc.n, Size))]
		for name, peek := range map[string]func(off, n int64) ([]byte, error){"Peek": r.Peek, "Head": r.Head} {
			if got, err := peek(tc.off, tc.n); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s(%d, %d): %d bytes, %v", name, tc.off, tc.n, len(got), err)
			}
		}
	}
	for _, off := range []int64{-1, int64(len(b)), 1 << 62} {
		if got, err := r.Peek(off, 4); len(got) != 0 || err != nil {
			t.Errorf("Peek(%d): %d bytes, %v", off, len(got), err)
		}
	}
}

func TestEach(t *testing.T) {
	b := bytes.Repeat([]byte{1, 2, 3}, Size)
	h := sha256.New()
	if err := New(bytes.NewReader(b)).Each(7, int64(len(b))+99, func(p []byte) bool { h.Write(p); return true }); err != nil {
		t.Fatal(err)
	}
	if want := sha256.Sum256(b[7:]); !bytes.Equal(h.Sum(nil), want[:]) {
		t.Error("Each did not see the bytes there are")
	}
}

func TestSkipZeros(t *testing.T) {
	b := make([]byte, 2*Size)
	for _, first := range []int64{2*Size - 1, Size + 5, 1, 0} {
		b[first] = 1
		if got, err := New(bytes.NewReader(b)).SkipZeros(0, int64(len(b))); err != nil || got != first {
			t.Errorf("got %d, %v; want %d", got, err, first)
		}
		if all, err := New(bytes.NewReader(b)).Zeros(0, int64(len(b))); all || err != nil {
			t.Errorf("byte %d is set, yet all are zero; %v", first, err)
		}
	}
	if got, err := New(bytes.NewReader(make([]byte, 100))).SkipZeros(7, 90); err != nil || got != 90 {
		t.Errorf("all zero: got %d, %v", got, err)
	}
	if all, err := New(bytes.NewReader(make([]byte, 100))).Zeros(7, 90); !all || err != nil {
		t.Errorf("all zero: %v, %v", all, err)
	}
}

type broken struct{ input.Input }

func (broken) ReadAt([]byte, int64) (int, error) { return 0, iotest.ErrTimeout }

func TestReadError(t *testing.T) {
	r := New(broken{bytes.NewReader(make([]byte, 100))})
	for range 2 {
		if _, err := r.Peek(0, 8); err == nil {
			t.Fatal("no error")
		}
	}
}
