package jsontokens_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"flightveil/internal/block/jsontokens"
)

func tokens(r *jsontokens.Reader) (string, error) {
	var out []string
	for t, ok := r.Next(); ok; t, ok = r.Next() {
		switch t.Kind {
		case jsontokens.Key, jsontokens.String, jsontokens.Number, jsontokens.Word:
			out = append(out, fmt.Sprintf("%c:%s", t.Kind, t.Text))
		default:
			out = append(out, string(rune(t.Kind)))
		}
	}
	return strings.Join(out, " "), r.Err()
}

func open(s string) *jsontokens.Reader { return jsontokens.New(bytes.NewReader([]byte(s)), 0) }

func TestTokens(t *testing.T) {
	for in, want := range map[string]string{
		`{"a": 1, "b": [true, null, -2.5e3], "c": {}}`: "{ k:a 0:1 k:b [ t:true t:null 0:-2.5e3 ] k:c { } }",
		`[]`:                             "[ ]",
		"{\"a\":1}\n{\"a\":2}":           "{ k:a 0:1 } { k:a 0:2 }",
		`["\u00e9\ud83d\ude00\n\"\\\/"]`: "[ \":é😀\n\"\\/ ]",
		``:                               "", ` 7 `: "0:7",
	} {
		if got, err := tokens(open(in)); got != want || err != nil {
			t.Errorf("%s: %s, %v", in, got, err)
		}
	}
}

func TestDamage(t *testing.T) {
	for in, want := range map[string]string{
		`{"a": 1`: "{ k:a", `{"a": 12`: "{ k:a", `{"a": "x`: "{ k:a", `[1 2]`: "[ 0:1", `{"a" 1}`: "{", `{1: 2}`: "{", `[nul]`: "[", "[\"a\x01b\"]": "[", `["\uZZZZ"]`: "[",
		`[1}`: "[ 0:1",
	} {
		got, err := tokens(open(in))
		if got != want || !errors.Is(err, jsontokens.ErrSyntax) {
			t.Errorf("%s: %s, %v", in, got, err)
		}
	}
	deep := strings.Repeat("[", jsontokens.MaxDepth+1)
	if _, err := tokens(open(deep)); err == nil {
		t.Error("no bound of the depth")
	}
}

func TestResume(t *testing.T) {
	const text = `{"list": [{"a":1}, {"a":2}], "b": 3}`
	r := jsontokens.Resume(bytes.NewReader([]byte(text)), int64(strings.LastIndex(text, `{"a"`)))
	if got, _ := tokens(r); !strings.HasPrefix(got, "{ k:a 0:2 }") {
		t.Error(got)
	}
}

func TestSpansAndLength(t *testing.T) {
	text := `{"key": "` + strings.Repeat("x", 40_000) + `", "n": 12}`
	r := open(text)
	for tok, ok := r.Next(); ok; tok, ok = r.Next() {
		if s := text[tok.Span.Off:tok.Span.End()]; tok.Kind == jsontokens.Number && s != "12" || tok.Kind == jsontokens.String && len(s) != 40_002 {
			t.Error(len(s))
		}
		if len(tok.Text) > jsontokens.MaxString {
			t.Error("a string without bound")
		}
	}
	if r.Err() != nil {
		t.Error(r.Err())
	}
}

func TestSkip(t *testing.T) {
	r := open(`[{"a":[1,{"b":2}]},7]`)
	r.Next()
	r.Next()
	if !r.Skip() {
		t.Fatal(r.Err())
	}
	if tok, ok := r.Next(); !ok || string(tok.Text) != "7" || r.Depth() != 1 {
		t.Error(tok, ok)
	}
}

// What encoding/json accepts is accepted, and gives the same strings.
func FuzzTokens(f *testing.F) {
	for _, s := range []string{`{"a":[1,2,{"b":"\u00e9"}]}`, `[[[]]]`, `"\ud83d\ude00"`, `{"a":1}{"b":2}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := jsontokens.New(bytes.NewReader(b), 0)
		end := int64(0)
		strings := 0
		for tok, ok := r.Next(); ok; tok, ok = r.Next() {
			if tok.Span.Off < end || tok.Span.End() > int64(len(b)) || tok.Span.Len <= 0 {
				t.Fatalf("a token at %v behind %d of %d bytes", tok.Span, end, len(b))
			}
			end = tok.Span.End()
			strings++
		}
		depth, most := 0, 0
		for _, c := range b {
			if c == '[' || c == '{' {
				depth++
			}
			most = max(most, depth)
		}
		if json.Valid(b) && r.Err() != nil && most <= jsontokens.MaxDepth && len(b) < 60 {
			t.Fatalf("valid, but %v", r.Err())
		}
	})
}
