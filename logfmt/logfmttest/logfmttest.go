// Package logfmttest is the conformance suite every logfmt.Format must pass.
package logfmttest

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"flightveil/internal/input"
	"flightveil/logfmt"
	"flightveil/logfmt/all"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files")

// Run tests f with every sample of dir: all files but goldens (name.golden),
// fuzz inputs and keys (name.key). Samples whose name begins with "damaged"
// may end with an error.
func Run(t *testing.T, f logfmt.Format, dir string) {
	for name, b := range samples(t, dir) {
		t.Run(name, func(t *testing.T) {
			detect(t, f, name, b)
			records, err := Decode(t, f, b)
			if err != nil && !strings.HasPrefix(name, "damaged") {
				t.Fatal(err)
			}
			again, _ := Decode(t, f, b)
			if len(again) != len(records) {
				t.Error("two runs differ")
			}
			mutilate(t, f, b, records)
			golden(t, records, err, filepath.Join(dir, name+".golden"))
		})
	}
}

// Fuzz makes f a fuzz target, seeded with the samples of dir: no panic, no
// hang, and every position that is yielded is one.
func Fuzz(f *testing.F, format logfmt.Format, dir string) {
	for _, b := range samples(f, dir) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { Decode(t, format, b) })
}

// Decode returns the records of b and checks each.
func Decode(t testing.TB, f logfmt.Format, b []byte) ([]logfmt.Record, error) {
	t.Helper()
	var out []logfmt.Record
	for r, err := range f.Decode(t.Context(), bytes.NewReader(b), logfmt.Limits{}.Defaults()) {
		if err != nil {
			return out, err
		}
		check(t, r, int64(len(b)))
		if out = append(out, r); len(out) > 64*len(b)+1000 {
			t.Fatal("far more records than the log has bytes")
		}
	}
	return out, nil
}

func check(t testing.TB, r logfmt.Record, size int64) {
	t.Helper()
	switch r := r.(type) {
	case logfmt.Fix:
		if !logfmt.Usable(r.Point) {
			t.Errorf("a fix at %v: no position is no fix", r.Point)
		}
		if !r.Time.IsZero() && r.Time.Location() != time.UTC {
			t.Error("a fix whose time is not UTC")
		}
		v := reflect.ValueOf(r)
		for i := range v.NumField() {
			if v.Field(i).Kind() == reflect.Float64 && math.IsInf(v.Field(i).Float(), 0) {
				t.Errorf("%s is infinite", v.Type().Field(i).Name)
			}
		}
	case logfmt.Spot:
		if !logfmt.Usable(r.Point) {
			t.Errorf("a %s position at %v", r.Role, r.Point)
		}
	case logfmt.Identifier:
		if r.Class == "" || r.Path == "" {
			t.Errorf("an identifier without class or path: %+v", r.Finding)
		}
	case logfmt.Damage:
		if r.Off < 0 || r.Len < 0 || r.Off > size || r.Reason == "" {
			t.Errorf("damage %+v of %d bytes", r, size)
		}
	}
}

func detect(t *testing.T, f logfmt.Format, name string, b []byte) {
	t.Helper()
	for _, name := range []string{name, "wrong.xyz", ""} {
		probe, err := input.NewProbe(name, bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if m := f.Detect(probe); m < input.Likely {
			t.Errorf("as %q: own sample detected as %v", name, m)
		}
		if got, _, tie := all.Formats().Detect(probe); tie || got == nil || got.ID() != f.ID() {
			t.Errorf("as %q: detected as %v (tie: %v)", name, got, tie)
		}
	}
}

// mutilate cuts b at every length and flips every byte (of a long sample, at
// some hundred places). A log that was cut yields no position that the whole
// log does not.
func mutilate(t *testing.T, f logfmt.Format, b []byte, whole []logfmt.Record) {
	t.Helper()
	known := map[logfmt.Point]bool{}
	for _, r := range whole {
		if fix, ok := r.(logfmt.Fix); ok {
			known[fix.Point] = true
		}
	}
	step := max(1, len(b)/2000)
	for n := 0; n < len(b); n += step {
		cut, _ := Decode(t, f, b[:n])
		for _, r := range cut {
			if fix, ok := r.(logfmt.Fix); ok && !known[fix.Point] {
				t.Fatalf("cut at %d the log yields %v, a position it does not hold", n, fix.Point)
			}
		}
		flipped := bytes.Clone(b)
		flipped[n] ^= 0xFF
		Decode(t, f, flipped)
	}
	for range f.Decode(t.Context(), bytes.NewReader(b), logfmt.Limits{}.Defaults()) {
		break // stopping early must be safe
	}
}

func golden(t *testing.T, records []logfmt.Record, err error, name string) {
	t.Helper()
	var out strings.Builder
	for _, r := range records {
		b, merr := json.Marshal(readable(r))
		if merr != nil {
			t.Fatal(merr)
		}
		fmt.Fprintf(&out, "%s %s\n", strings.TrimPrefix(fmt.Sprintf("%T", r), "logfmt."), b)
	}
	if err != nil {
		fmt.Fprintf(&out, "error: %v\n", err)
	}
	if *update {
		if err := os.WriteFile(name, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if d := cmp.Diff(string(want), out.String()); d != "" {
		t.Errorf("golden differs (-want +got):\n%s", d)
	}
}

// readable returns the fields of r that say something.
func readable(r logfmt.Record) map[string]any {
	out := map[string]any{}
	if id, ok := r.(logfmt.Identifier); ok {
		out["class"], out["path"], out["value"], out["spans"] = id.Class, id.Path, id.Value.Reveal(), id.Spans
		return out
	}
	v := reflect.ValueOf(r)
	for i := range v.NumField() {
		name, field := v.Type().Field(i).Name, v.Field(i)
		switch x := field.Interface().(type) {
		case float64:
			if !math.IsNaN(x) {
				out[name] = math.Round(x*1e9) / 1e9
			}
		case time.Time:
			if !x.IsZero() {
				out[name] = x.Format(time.RFC3339Nano)
			}
		case time.Duration:
			if x > 0 || x == 0 && name == "Elapsed" {
				out[name] = x.String()
			}
		case interface{ Reveal() string }:
			out[name] = x.Reveal()
		default:
			if !field.IsZero() || name == "Point" {
				out[name] = x
			}
		}
	}
	return out
}

func samples(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, e := range entries {
		if e.IsDir() || strings.HasSuffix(e.Name(), ".golden") || strings.HasSuffix(e.Name(), ".key") {
			continue
		}
		if out[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	if len(out) == 0 {
		t.Fatal("no samples in ", dir)
	}
	return out
}
