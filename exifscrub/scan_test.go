package exifscrub

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"iter"
	"testing"

	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// note is a child format: every 'S' is an identity, every 'k' an exposure.
type note struct{}

func (note) ID() string                     { return "note" }
func (note) Detect(input.Probe) input.Match { return input.No }

func (note) Walk(_ context.Context, in Input, _ Limits) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		b, err := input.ReadRange(in, 0, in.Size(), 1<<10)
		if err != nil {
			yield(Item{}, err)
			return
		}
		for i, c := range b {
			class := map[byte]privacy.Class{'S': privacy.Identity, 'k': privacy.Exposure}[c]
			if class != "" && !yield(Item{Finding: &privacy.Finding{Class: class, Path: string(c), Spans: []Span{{Off: int64(i), Len: 1}}}}, nil) {
				return
			}
		}
	}
}

func (note) Edits(_ context.Context, _ Input, ds []Decision, _ Limits) iter.Seq2[Edit, error] {
	var edits []Edit
	for _, d := range ds {
		if d.Gone() {
			edits = append(edits, Edit{Off: d.Finding.Spans[0].Off, Len: 1, With: []byte(".")})
		}
	}
	return Seq(edits)
}

// box is a container: four bytes of CRC-32, then a note, in hex if hex is set.
type box struct {
	hex   bool
	child Child
}

func (box) ID() string                     { return "box" }
func (box) Detect(input.Probe) input.Match { return input.No }

func (f box) Walk(_ context.Context, in Input, _ Limits) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		c := f.child
		c.Path, c.Format, c.Spans = "Note", "note", []Span{{Off: 4, Len: in.Size() - 4}}
		if f.hex {
			b, err := input.ReadRange(in, 4, in.Size()-4, 1<<10)
			if err == nil {
				c.Decoded, err = hex.DecodeString(string(b))
			}
			if err != nil {
				yield(Item{}, err)
				return
			}
		}
		yield(Item{Child: &c}, nil)
	}
}

func (f box) Edits(_ context.Context, in Input, ds []Decision, _ Limits) iter.Seq2[Edit, error] {
	d := ds[0]
	body := input.Section(in, 4, in.Size()-4)
	switch {
	case d.Gone():
		return Seq([]Edit{{Len: in.Size()}})
	case len(d.Inner) == 0:
		return Seq(nil)
	case f.hex:
		var out bytes.Buffer
		if err := Apply(&out, bytes.NewReader(d.Child.Decoded), Seq(d.Inner)); err != nil {
			return Fail(err)
		}
		coded := []byte(hex.EncodeToString(out.Bytes()))
		return Seq([]Edit{{Len: 4, With: sum(coded)}, {Off: 4, Len: body.Size(), With: coded}})
	}
	h := crc32.NewIEEE()
	if err := Apply(h, body, Seq(d.Inner)); err != nil {
		return Fail(err)
	}
	return Seq([]Edit{{Len: 4, With: h.Sum(nil)}})
}

func sum(b []byte) []byte { return binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(b)) }

// TestInner checks what a container is told about the edits of its child: in
// the file the driver makes them, in an encoded block the container does.
func TestInner(t *testing.T) {
	seal := func(s string) string { return string(sum([]byte(s))) + s }
	h := func(s string) string { return hex.EncodeToString([]byte(s)) }
	for _, tc := range []struct {
		name     string
		f        box
		in, want string
	}{
		{"in place", box{}, seal("aSbk"), seal("a.bk")},
		{"nothing to do", box{}, seal("abk"), seal("abk")},
		{"nothing worth keeping", box{child: Child{Expendable: true}}, seal("aSb"), ""},
		{"encoded", box{hex: true}, seal(h("aSbk")), ""},
		{"recoded", box{hex: true, child: Child{Recoded: true, Fixed: true}}, seal(h("aSbk")), seal(h("a.bk"))},
		{"stray", box{child: Child{Stray: true}}, seal("kk"), ""},
	} {
		job := Job{Formats: input.NewRegistry[Format](note{}), Policy: privacy.Policy{Rules: map[privacy.Class]privacy.Action{privacy.Exposure: privacy.Keep}}}
		in := bytes.NewReader([]byte(tc.in))
		plan, err := Scan(t.Context(), job, tc.f, in)
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		var out bytes.Buffer
		if err := Apply(&out, in, plan.Edits()); err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if out.String() != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, out.String(), tc.want)
		}
		if tc.f.child.Stray && (len(plan.Findings) != 3 || plan.Findings[0].Class != privacy.Unknown || plan.Findings[2].Action != privacy.Remove) {
			t.Errorf("stray: findings %+v", plan.Findings)
		}
	}
}

// pair is a format of two findings with one fate.
type pair struct{ note }

func (pair) Walk(context.Context, Input, Limits) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		yield(Item{Together: []privacy.Finding{{Class: privacy.Exposure, Path: "k"}, {Class: privacy.Identity, Path: "S"}}}, nil)
	}
}

func (pair) Edits(_ context.Context, in Input, ds []Decision, _ Limits) iter.Seq2[Edit, error] {
	if ds[0].Gone() {
		return Seq([]Edit{{Len: in.Size()}})
	}
	return Seq(nil)
}

func TestTogether(t *testing.T) {
	for _, identity := range []privacy.Action{privacy.Keep, privacy.Remove} {
		job := Job{Policy: privacy.Policy{Rules: map[privacy.Class]privacy.Action{privacy.Exposure: privacy.Keep, privacy.Identity: identity}}}
		plan, err := Scan(t.Context(), job, pair{}, bytes.NewReader([]byte("kS")))
		if err != nil || len(plan.Findings) != 2 || len(plan.Notes) != 0 {
			t.Fatal(plan, err)
		}
		for _, j := range plan.Findings {
			if j.Action != identity {
				t.Errorf("%s: %s, want %s", j.Path, j.Action, identity)
			}
		}
		if clean, err := plan.Clean(); err != nil || clean != (identity == privacy.Keep) {
			t.Error(identity, clean, err)
		}
	}
}
