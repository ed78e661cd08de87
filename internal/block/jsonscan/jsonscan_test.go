package jsonscan_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"flightveil/internal/block/jsonscan"
)

// tokens writes what is in s, each token as its kind and text.
func tokens(s string) (out []string, err error) {
	in := strings.NewReader(s)
	for scan := jsonscan.New(in); ; {
		t, err := scan.Next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, string(t.Kind)+string(t.Text))
	}
}

func TestTokens(t *testing.T) {
	const doc = "\xEF\xBB\xBF" + ` {"a": [1, -2.5e3, true, null], "b\n\"\u00e9\ud83d\ude00": {"c": "x/\/"}, "d": [], "e": {}} ` + "\n"
	got, err := tokens(doc)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"{", "ka", "[", "n1", "n-2.5e3", "wtrue", "wnull", "]", "kb\n\"é😀", "{", "kc", "sx//", "}", "kd", "[", "]", "ke", "{", "}", "}"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q", got)
	}
}

func TestSyntax(t *testing.T) {
	for _, s := range []string{"{]", `{"a" 1}`, `{"a": 1,}`, `[1 2]`, `[1,]`, `{1: 2}`, "[\x00]", `["\x"]`, `["\u12"]`, "[\"\n\"]", `[nil]`, `[1] 2`, `[`, `{"a`, `["a`, `[1`, `[tru`, ""} {
		if got, err := tokens(s); err == nil {
			t.Errorf("%q: %q", s, got)
		} else if !errors.Is(err, jsonscan.ErrSyntax) && err != io.ErrUnexpectedEOF {
			t.Errorf("%q: %v", s, err)
		}
	}
	if _, err := tokens(strings.Repeat("[", 100)); err == nil {
		t.Error("no bound on the depth")
	}
}

func TestSpans(t *testing.T) {
	pad := strings.Repeat(" ", 65530) // strings lie across the end of the buffer
	doc := `{"name": "` + strings.Repeat("v", jsonscan.MaxText+1) + `",` + pad + `"key": "value"}`
	scan := jsonscan.New(strings.NewReader(doc))
	for {
		tok, err := scan.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		raw := doc[tok.Span.Off:tok.Span.End()]
		if tok.Text == nil && tok.Kind == jsonscan.String && len(raw) != jsonscan.MaxText+1 || tok.Text != nil && raw != string(tok.Text) {
			t.Errorf("%c %q lies at %v", tok.Kind, tok.Text, tok.Span)
		}
	}
}

func TestRow(t *testing.T) {
	scan := jsonscan.New(strings.NewReader(`[1, true, null, "2.5", "x"]`))
	if _, err := scan.Next(); err != nil {
		t.Fatal(err)
	}
	var row [8]float64
	n, err := scan.Row(row[:])
	if err != nil || n != 5 || row[0] != 1 || row[1] != 1 || !math.IsNaN(row[2]) || row[3] != 2.5 || !math.IsNaN(row[4]) {
		t.Error(row[:n], err)
	}
	for _, s := range []string{"[1, [2]]", "[1,2,3,4,5,6,7,8,9]", "[1..2]", "[1, 2", "[1,]", "[1,,2]", "[,1]"} {
		scan := jsonscan.New(strings.NewReader(s))
		scan.Next()
		if n, err := scan.Row(row[:]); err == nil {
			t.Errorf("%s: %v", s, row[:n])
		}
	}
}

func TestResync(t *testing.T) {
	scan := jsonscan.New(strings.NewReader(`noise ["no row"] [ 7, 8] , "date": 5}`))
	if _, err := scan.Next(); err == nil {
		t.Fatal("noise")
	}
	if err := scan.Resync(2, "date"); err != nil {
		t.Fatal(err)
	}
	var row [4]float64
	if tok, err := scan.Next(); err != nil || tok.Kind != '[' {
		t.Fatal(tok, err)
	}
	if n, err := scan.Row(row[:]); n != 2 || err != nil {
		t.Error(row, err)
	}
	if tok, err := scan.Next(); err != nil || tok.Kind != jsonscan.String { // a row is in an array
		t.Error(tok, err)
	}
	if _, err := scan.Next(); err == nil {
		t.Error("a name in an array")
	}
	if err := scan.Resync(2, "date"); err == nil {
		t.Error("found what is already behind")
	}
}

// What encoding/json takes for a document is one here too, and the other way.
func FuzzTokens(f *testing.F) {
	for _, s := range []string{`{"a": [1, -2.5e3, true, null], "b": {"c": "x"}}`, `[[1,2],[3,4]]`, `"\u00e9"`, `[1 2]`, `{"a":}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if _, err := tokens(s); json.Valid([]byte(s)) && err != nil && len(s) < 1000 {
			t.Errorf("%q: %v", s, err)
		}
		scan := jsonscan.New(strings.NewReader(s))
		last := int64(-1)
		for {
			if _, err := scan.Next(); err == nil {
				continue
			}
			if scan.Resync(2, "a") != nil {
				break
			}
			if _, err := scan.Next(); err != nil {
				break
			}
			if at := scan.Offset(); at <= last {
				t.Fatalf("does not move on at %d", at)
			} else {
				last = at
			}
		}
	})
}
