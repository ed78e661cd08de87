package utf16text_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"flightveil/internal/block/utf16text"
	"flightveil/internal/input"
)

// encode returns s in UTF-16, with a byte order mark if there is to be one.
func encode(s string, order binary.AppendByteOrder, mark bool) []byte {
	units := utf16.Encode([]rune(s))
	if mark {
		units = append([]uint16{0xFEFF}, units...)
	}
	var b []byte
	for _, u := range units {
		b = order.AppendUint16(b, u)
	}
	return b
}

var orders = []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian}

func open(t testing.TB, b []byte) *utf16text.Text {
	t.Helper()
	text, err := utf16text.Open(context.Background(), bytes.NewReader(b))
	if err != nil || text == nil {
		t.Fatal("not taken for UTF-16:", err)
	}
	return text
}

// Texts of one and of many blocks come out as they went in, wherever reading
// begins, and every place leads back to where it was.
func TestText(t *testing.T) {
	for _, s := range []string{"<a>", `{"é": "😀"}`, "ab" + strings.Repeat("x😀é€", 10_000), "abc" + strings.Repeat("😀", 20_000)} {
		for _, order := range orders {
			for _, mark := range []bool{true, false} {
				if !mark && s[2] >= utf8.RuneSelf {
					continue
				}
				b := encode(s, order, mark)
				text := open(t, b)
				if text.Size() != int64(len(s)) {
					t.Fatalf("%d bytes of %d", text.Size(), len(s))
				}
				got, err := io.ReadAll(io.NewSectionReader(text, 0, text.Size()))
				if err != nil || string(got) != s {
					t.Fatalf("%.20q became %.20q: %v", s, got, err)
				}
				if p := utf16text.Prefix(b[:min(len(b), 4096)]); !strings.HasPrefix(s, string(p)) || len(p) < min(len(s), 2000) {
					t.Errorf("%.20q begins with %.20q", s, p)
				}
				step := max(1, len(s)/1000)
				for i := 0; i < len(s); i += step {
					for !utf8.RuneStart(s[i]) {
						i++
					}
					_, size := utf8.DecodeRuneInString(s[i:])
					span := text.Span(input.Span{Off: int64(i), Len: int64(size)})
					if want := encode(s[i:i+size], order, false); !bytes.Equal(b[span.Off:span.End()], want) {
						t.Fatalf("%q at %d lies at %v", s[i:i+size], i, span)
					}
					var c [3]byte
					if n, err := text.ReadAt(c[:], int64(i)); string(c[:n]) != s[i:min(len(s), i+3)] || (err == io.EOF) != (n < 3) {
						t.Fatalf("%q at %d: %v", c[:n], i, err)
					}
				}
				if text.Offset(text.Size()) != int64(len(b)) {
					t.Error("the end is not the end")
				}
			}
		}
	}
}

func TestOthers(t *testing.T) {
	for _, s := range []string{"", "<", "<gpx>", "\xEF\xBB\xBF<gpx>", "{}", "\x00\x00\x00\x00", "\xFE", "PK\x03\x04"} {
		if text, err := utf16text.Open(context.Background(), strings.NewReader(s)); text != nil || err != nil {
			t.Errorf("%q was taken for UTF-16: %v", s, err)
		}
		if string(utf16text.Prefix([]byte(s))) != s {
			t.Errorf("%q was changed", s)
		}
	}
}

// Halves of pairs and an odd byte at the end cost themselves, no more.
func TestDamage(t *testing.T) {
	for in, want := range map[string]string{
		"\xFF\xFEa\x00\x3D\xD8b\x00": "a\uFFFDb", "\xFE\xFF\x00a\xDE\x00\x00b": "a\uFFFDb",
		"\xFF\xFEa\x00\x3D\xD8": "a\uFFFD", "\xFF\xFEa\x00b\x00c": "ab", "\xFF\xFEa\x00\x3D\xD8\x00": "a\uFFFD",
	} {
		text := open(t, []byte(in))
		got, err := io.ReadAll(io.NewSectionReader(text, 0, text.Size()))
		if err != nil || string(got) != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

// broken fails behind some bytes once it is told to.
type broken struct {
	*bytes.Reader
	now *bool
}

var errBroken = errors.New("broken")

func (b broken) ReadAt(p []byte, off int64) (int, error) {
	if *b.now && off > 20_000 {
		return 0, errBroken
	}
	return b.Reader.ReadAt(p, off)
}

func TestReadError(t *testing.T) {
	now := false
	b := broken{bytes.NewReader(encode(strings.Repeat("ab", 20_000), binary.LittleEndian, true)), &now}
	text, err := utf16text.Open(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	now = true
	if _, err := io.ReadAll(io.NewSectionReader(text, 0, text.Size())); !errors.Is(err, errBroken) {
		t.Error(err)
	}
	if _, err := utf16text.Open(context.Background(), b); !errors.Is(err, errBroken) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if cancel(); ctx.Err() != nil {
		if _, err := utf16text.Open(ctx, b); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
}

// Whatever comes in: the text is valid, of the length it claims, and its
// places rise with those of the file.
func FuzzText(f *testing.F) {
	for _, order := range orders {
		f.Add(encode("<a>é😀</a>", order, true))
	}
	f.Add([]byte("\xFF\xFEa\x00\x3D\xD8b\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		text, err := utf16text.Open(context.Background(), bytes.NewReader(b))
		if err != nil || text == nil {
			return
		}
		got, err := io.ReadAll(io.NewSectionReader(text, 0, text.Size()))
		if err != nil || int64(len(got)) != text.Size() || !utf8.Valid(got) {
			t.Fatalf("%d bytes of %d: %v", len(got), text.Size(), err)
		}
		last := int64(0)
		for i := range string(got) {
			if at := text.Offset(int64(i)); at < last || at > int64(len(b)) {
				t.Fatalf("%d lies at %d, behind %d", i, at, last)
			} else {
				last = at
			}
		}
	})
}
