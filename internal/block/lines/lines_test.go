package lines_test

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"flightveil/internal/block/lines"
)

func read(t *testing.T, b []byte) (texts []string, all []lines.Line) {
	t.Helper()
	r := lines.New(bytes.NewReader(b))
	for l, ok := r.Next(); ok; l, ok = r.Next() {
		texts, all = append(texts, string(l.Text)), append(all, l)
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	return texts, all
}

func TestLines(t *testing.T) {
	texts, all := read(t, []byte("\xEF\xBB\xBFone\r\n\ntwo"))
	if strings.Join(texts, "|") != "one||two" {
		t.Error(texts)
	}
	for i, want := range []lines.Line{{Off: 3, Len: 5, Ended: true}, {Off: 8, Len: 1, Ended: true}, {Off: 9, Len: 3}} {
		if l := all[i]; l.Off != want.Off || l.Len != want.Len || l.Ended != want.Ended {
			t.Errorf("line %d: %+v", i, l)
		}
	}
}

func TestUTF16(t *testing.T) {
	const text = "naïve 😀 line\r\nsecond"
	for _, o := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, mark := range []string{"", "\uFEFF"} {
			var b []byte
			s := mark + strings.Repeat("ab\n", 40_000) + text
			for _, u := range utf16.Encode([]rune(s)) {
				b = o.AppendUint16(b, u)
			}
			texts, all := read(t, b)
			if n := len(texts); n != 40_002 || texts[n-2] != "naïve 😀 line" || texts[n-1] != "second" || all[n-1].Off != int64(len(b)-12) {
				t.Error(n, texts[n-2:], all[n-1].Off, len(b))
			}
		}
	}
}

func TestLong(t *testing.T) {
	b := []byte("a\n" + strings.Repeat("x", 3*lines.Max+5) + "\nb\n")
	_, all := read(t, b)
	if len(all) != 3 || !all[1].Long || all[1].Off != 2 || all[1].Len != 3*lines.Max+6 || all[2].Off != int64(len(b)-2) {
		t.Errorf("%d lines", len(all))
	}
	if _, all = read(t, b[:2+lines.Max]); len(all) != 2 || !all[1].Long {
		t.Error("a long last line", len(all))
	}
}

func TestNumber(t *testing.T) {
	for _, s := range []string{"0", "-7.2806385965903", "112.796921828772", "56.976631216586526", "-0.000001", "1e5", "-2.5E-3", "123456789012345678901234567890", "9007199254740993", "0.00000000000000000000000000001", ".5", "5."} {
		want, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		if got, n := lines.Number([]byte(s+" m"), '.'); got != want || n != len(s) {
			t.Errorf("%s: %v, %d bytes, want %v", s, got, n, want)
		}
	}
	for _, s := range []string{"", "-", "n/a", ".", "1e999", strings.Repeat("9", 400)} {
		if v, n := lines.Number([]byte(s), '.'); n != 0 {
			t.Errorf("%s: %v", s, v)
		}
	}
	if v, n := lines.Number([]byte("-41,3875"), ','); v != -41.3875 || n != 8 {
		t.Error(v, n)
	}
	if v, n := lines.Number([]byte("12em"), '.'); v != 12 || n != 2 {
		t.Error(v, n)
	}
}
