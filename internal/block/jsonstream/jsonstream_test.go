package jsonstream_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"flightveil/internal/block/jsonstream"
)

// tokens writes what is in s, each token as its kind and text.
func tokens(s string) (out []string, err error) {
	in := strings.NewReader(s)
	for r := jsonstream.New(in); ; {
		t, err := r.Next()
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
	for _, s := range []string{"{]", `{"a" 1}`, `[1 2]`, `[1,,2]`, `[,1]`, `{1: 2}`, "[\x00]", `["\uZZZZ"]`, `["\u12"]`, "[\"\n\"]", `[nil]`, `[`, `{"a`, `["a`, `[1`, `[tru`, `[1}`, `[12e3x]`, "{\"a\x01b\": 1}"} {
		if got, err := tokens(s); err == nil {
			t.Errorf("%q: %q", s, got)
		} else if !errors.Is(err, jsonstream.ErrSyntax) && err != io.ErrUnexpectedEOF {
			t.Errorf("%q: %v", s, err)
		}
	}
	if _, err := tokens(strings.Repeat("[", 100)); err == nil {
		t.Error("no bound on the depth")
	}
}

// What loses nothing is no error.
func TestLenient(t *testing.T) {
	for s, want := range map[string]string{
		"": "[]", ` 7 `: "[n7]", "{\"a\":1}\n{\"a\":2}": "[{ ka n1 } { ka n2 }]", `[1] 2`: "[[ n1 ] n2]",
		`{"a": 1,}`: "[{ ka n1 }]", `[1,]`: "[[ n1 ]]", `[NaN, -Infinity]`: "[[ wNaN w-Infinity ]]",
		`["C:\x\y"]`: `[[ sC:xy ]]`, "[\"a\tb\"]": "[[ sa\tb ]]",
		`["\ud83d\ude00\ud83d.\ude00\ud83d"]`: "[[ s😀\uFFFD.\uFFFD\uFFFD ]]",
	} {
		if got, err := tokens(s); err != nil || fmt.Sprint(got) != want {
			t.Errorf("%q: %q, %v", s, got, err)
		}
	}
}

func TestSkip(t *testing.T) {
	r := jsonstream.New(strings.NewReader(`[{"a":[1,{"b":2}]},7]`))
	r.Next()
	tok, err := r.Next()
	if err != nil || r.Skip(tok) != nil {
		t.Fatal(tok, err)
	}
	if tok, err := r.Next(); err != nil || string(tok.Text) != "7" || r.Skip(tok) != nil || r.Depth() != 1 {
		t.Error(tok, err)
	}
}

func TestAt(t *testing.T) {
	const doc = `{"list": [{"a":1}, {"a":2}], "b": 3}`
	r := jsonstream.At(strings.NewReader(doc), int64(strings.LastIndex(doc, `{"a"`)))
	for _, want := range []string{"{", "ka", "n2", "}"} {
		if tok, err := r.Next(); err != nil || string(tok.Kind)+string(tok.Text) != want {
			t.Errorf("%s: %q %v", want, tok.Text, err)
		}
	}
}

// Behind damage the next object that follows another, or begins a line, is the
// next token; what closes what began before the damage is passed over.
func TestResyncObject(t *testing.T) {
	for s, want := range map[string]string{
		`[{"a":1}, {"a":` + "\x00" + `{"no":1}}, {"a":2}], {"a":3}`:  "{ ka n2 } { ka n3 }",
		`{"a":1 noise` + "\n" + `{"a":2}` + "\n" + `{"a":3}`:         "{ ka n2 } { ka n3 }",
		`{"a":1 noise` + "\n" + ` {"no":2}` + "\n{" + `"a":3}`:       "{ ka n3 }",
		`{"list": [{"a": tru}` + "\n\t" + `{"a":2}]}` + "\n" + `[4]`: "{ ka n2 } [ n4 ]",
		`{"a": noise {"no": 1} `:                                     "",
	} {
		r := jsonstream.New(strings.NewReader(s))
		err := error(nil)
		for err == nil {
			_, err = r.Next()
		}
		var got []string
		if err := r.ResyncObject(); err == nil {
			for tok, err := r.Next(); err != io.EOF; tok, err = r.Next() {
				if err != nil {
					t.Fatalf("%q: %v", s, err)
				}
				got = append(got, string(tok.Kind)+string(tok.Text))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q", s, got)
		}
	}
	r := jsonstream.New(strings.NewReader("x\n{\"a\":"))
	r.Next()
	if err := r.ResyncObject(); err != nil {
		t.Fatal(err)
	}
	r.Next()
	r.Next()
	if _, err := r.Next(); err != io.ErrUnexpectedEOF {
		t.Error("an object that does not end:", err)
	}
}

func TestSpans(t *testing.T) {
	pad := strings.Repeat(" ", 65530) // strings lie across the end of the buffer
	doc := `{"name": "` + strings.Repeat("v", jsonstream.MaxText+1) + `",` + pad + `"key": "value"}`
	r := jsonstream.New(strings.NewReader(doc))
	for {
		tok, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		raw := doc[tok.Span.Off:tok.Span.End()]
		if tok.Text != nil && raw[:min(len(raw), jsonstream.MaxText)] != string(tok.Text) {
			t.Errorf("%c of %d bytes lies at %v", tok.Kind, len(tok.Text), tok.Span)
		}
	}
}

func TestRow(t *testing.T) {
	r := jsonstream.New(strings.NewReader(`[1, true, null, "2.5", "x"]`))
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	var row [8]float64
	n, err := r.Row(row[:])
	if err != nil || n != 5 || row[0] != 1 || row[1] != 1 || !math.IsNaN(row[2]) || row[3] != 2.5 || !math.IsNaN(row[4]) {
		t.Error(row[:n], err)
	}
	for _, s := range []string{"[1, [2]]", "[1,2,3,4,5,6,7,8,9]", "[1..2]", "[1, 2", "[1,,2]", "[,1]"} {
		r := jsonstream.New(strings.NewReader(s))
		r.Next()
		if n, err := r.Row(row[:]); err == nil {
			t.Errorf("%s: %v", s, row[:n])
		}
	}
}

func TestResync(t *testing.T) {
	r := jsonstream.New(strings.NewReader(`noise ["no row"] [ 7, 8] , "date": 5}`))
	if _, err := r.Next(); err == nil {
		t.Fatal("noise")
	}
	if err := r.Resync(2, "date"); err != nil {
		t.Fatal(err)
	}
	var row [4]float64
	if tok, err := r.Next(); err != nil || tok.Kind != '[' {
		t.Fatal(tok, err)
	}
	if n, err := r.Row(row[:]); n != 2 || err != nil {
		t.Error(row, err)
	}
	if tok, err := r.Next(); err != nil || tok.Kind != jsonstream.String { // a row is in an array
		t.Error(tok, err)
	}
	if _, err := r.Next(); err == nil {
		t.Error("a name in an array")
	}
	if err := r.Resync(2, "date"); err == nil {
		t.Error("found what is already behind")
	}
}

// What encoding/json takes for documents are the same tokens here. Whatever
// comes in, tokens lie one behind the other, and both ways behind damage move on.
func FuzzTokens(f *testing.F) {
	for _, s := range []string{`{"a": [1, -2.5e3, true, null], "b": {"c": "x"}}`, `[[1,2],[3,4]]`, `"\u00e9\ud83d\ude00\ud83d"`, `[1 2]`, `{"a":}`, "{\"a\":1}\n{\"a\":2}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if want, ok := reference(s); ok && len(s) < 1000 {
			if got, err := tokens(s); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%q: %q, %v, want %q", s, got, err, want)
			}
		}
		for name, resync := range map[string]func(*jsonstream.Reader) error{
			"rows":    func(r *jsonstream.Reader) error { return r.Resync(2, "a") },
			"objects": (*jsonstream.Reader).ResyncObject,
		} {
			r := jsonstream.New(strings.NewReader(s))
			end := int64(0)
			for lost := 0; ; {
				tok, err := r.Next()
				if err == nil {
					if lost = 0; tok.Span.Off < end || tok.Span.End() > int64(len(s)) {
						t.Fatalf("%s: a token at %v behind %d", name, tok.Span, end)
					}
					end = tok.Span.End()
					continue
				}
				if lost++; lost > 2 {
					t.Fatalf("%s: does not move on at %d", name, r.Offset())
				}
				if resync(r) != nil {
					break
				}
			}
		}
	})
}

// reference returns the tokens that encoding/json reads in s, if it takes all
// of s and changes nothing.
func reference(s string) (out []string, ok bool) {
	documents := []string{s}
	if !json.Valid([]byte(s)) {
		documents = strings.Split(s, "\n")
	}
	for _, whole := range documents {
		if !json.Valid([]byte(whole)) || !utf8.ValidString(whole) {
			return nil, false
		}
		inner := json.NewDecoder(strings.NewReader(whole))
		inner.UseNumber()
		var object, named []bool // of each open bracket: is it an object, was a name read
		for {
			tok, err := inner.Token()
			if err != nil {
				break
			}
			n := len(object) - 1
			isKey := n >= 0 && object[n] && !named[n]
			if n >= 0 {
				named[n] = isKey
			}
			switch tok := tok.(type) {
			case json.Delim:
				if tok == '{' || tok == '[' {
					object, named = append(object, tok == '{'), append(named, false)
				} else if object, named = object[:n], named[:n]; n > 0 {
					named[n-1] = false
				}
				out = append(out, tok.String())
			case string:
				if isKey {
					out = append(out, "k"+tok)
				} else {
					out = append(out, "s"+tok)
				}
			case json.Number:
				out = append(out, "n"+tok.String())
			default:
				out = append(out, strings.Replace(fmt.Sprintf("w%v", tok), "w<nil>", "wnull", 1))
			}
			if len(object) > jsonstream.MaxDepth || len(out) > 0 && len(out[len(out)-1]) > 60 {
				return nil, false
			}
		}
	}
	return out, true
}
