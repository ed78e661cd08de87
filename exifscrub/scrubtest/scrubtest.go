// Package scrubtest is the conformance suite every exifscrub.Format must pass.
package scrubtest

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/all"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/privacy"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files")

// Run tests f with every sample of dir: all files but goldens (name.golden)
// and fuzz inputs. Samples whose name begins with "damaged" may be refused,
// with an error, and so may those that begin with "refused", of which nothing
// would be left; all others must come clean under every profile.
func Run(t *testing.T, f exifscrub.Format, dir string) {
	for name, b := range samples(t, dir) {
		t.Run(name, func(t *testing.T) {
			detect(t, f, name, b)
			Check(t, f, b, strings.HasPrefix(name, "damaged") || strings.HasPrefix(name, "refused"))
			mutilate(t, f, b)
			golden(t, f, b, filepath.Join(dir, name+".golden"))
		})
	}
}

// Fuzz makes f a fuzz target for the properties of [Check], seeded with the
// samples of dir.
func Fuzz(f *testing.F, format exifscrub.Format, dir string) {
	for _, b := range samples(f, dir) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { Check(t, format, b, true) })
}

// Check tests f with one file under every profile: keeping everything changes
// nothing; a cleaned file can be walked again and needs no further edit; no
// canary is left. And it tests f with values that move with their flight. If mayFail is set, an error from the first walk is fine.
//
// Where there is sound, or a video stream that tells something, what is left
// without them is tested as well.
func Check(t *testing.T, f exifscrub.Format, b []byte, mayFail bool) {
	t.Helper()
	streams := false
	for _, profile := range []string{"everything", "public", "area", "mapping", silent} {
		job := Job(t, profile)
		if profile == silent && !streams {
			continue
		}
		plan, err := exifscrub.Scan(t.Context(), job, f, bytes.NewReader(b))
		if err != nil {
			if !mayFail {
				t.Fatalf("%s: %v", profile, err)
			}
			continue
		}
		streams = streams || slices.ContainsFunc(plan.Findings, func(j exifscrub.Judged) bool { return j.Class == privacy.Audio || j.Class == privacy.Stream })
		once, err := apply(plan, b)
		if errors.Is(err, exifscrub.ErrRefused) && profile == silent {
			continue // sound that cannot be parted from the pictures
		}
		if err != nil {
			if !mayFail {
				t.Fatalf("%s: %v", profile, err)
			}
			continue
		}
		if profile == "everything" {
			if !bytes.Equal(once, b) {
				t.Fatal("keeping everything changed the file")
			}
			continue
		}
		again, err := exifscrub.Scan(t.Context(), job, f, bytes.NewReader(once))
		if err != nil {
			t.Fatalf("%s: the cleaned file cannot be walked: %v", profile, err)
		}
		for e, err := range again.Edits() {
			if err != nil {
				t.Fatalf("%s: the cleaned file: %v", profile, err)
			}
			t.Fatalf("%s: the cleaned file wants another edit: %d bytes at %d (findings: %s)", profile, e.Len, e.Off, left(again))
		}
		if !mayFail {
			lookForCanaries(t, profile, once)
		}
	}
	checkDisplaced(t, f, b, mayFail)
}

// silent is public, without sound and what video streams tell.
const silent = "silent"

// Job returns the job for an embedded profile, or silent, with every container
// registered.
func Job(t testing.TB, profile string) exifscrub.Job {
	name := profile
	if profile == silent {
		name = "public"
	}
	p, err := privacy.LoadProfile(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	policy := p.Policy()
	if profile == silent {
		policy.Rules = maps.Clone(policy.Rules)
		policy.Rules[privacy.Audio], policy.Rules[privacy.Stream] = privacy.Remove, privacy.Remove
	}
	return exifscrub.Job{Formats: all.Formats(), Policy: policy, Cell: func(p geo.Point) geo.Point { return p.Cell(1000) }}
}

// Scrub returns b cleaned under profile.
func Scrub(t testing.TB, f exifscrub.Format, b []byte, profile string) []byte {
	t.Helper()
	plan, err := exifscrub.Scan(t.Context(), Job(t, profile), f, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := apply(plan, b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func apply(plan *exifscrub.Plan, b []byte) ([]byte, error) {
	var out bytes.Buffer
	err := exifscrub.Apply(&out, bytes.NewReader(b), plan.Edits())
	return out.Bytes(), err
}

func samples(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, e := range entries {
		if e.IsDir() || strings.HasSuffix(e.Name(), ".golden") {
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

// detect checks that f, and no other container, recognises its sample.
func detect(t *testing.T, f exifscrub.Format, name string, b []byte) {
	t.Helper()
	for _, name := range []string{name, "wrong.xyz", ""} {
		probe, err := input.NewProbe(name, bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if m := f.Detect(probe); m < input.Likely {
			t.Errorf("as %q: own sample detected as %v", name, m)
		}
		if got, _, tie := all.Formats().Detect(probe); tie || got.ID() != f.ID() {
			t.Errorf("as %q: detected as %s (tie: %v)", name, got.ID(), tie)
		}
	}
}

// mutilate cuts b at every length and flips every byte (of a long sample, at
// some hundred places). Errors are fine; panics and hangs are not.
func mutilate(t *testing.T, f exifscrub.Format, b []byte) {
	t.Helper()
	job := Job(t, "public")
	step := max(1, len(b)/700)
	try := func(in input.Input) {
		plan, err := exifscrub.Scan(t.Context(), job, f, in)
		if err == nil {
			exifscrub.Apply(io.Discard, in, plan.Edits()) // an error is fine here
		}
	}
	for n := 0; n < len(b); n += step {
		try(bytes.NewReader(b[:n]))
		flipped := bytes.Clone(b)
		flipped[n] ^= 0xFF
		try(bytes.NewReader(flipped))
	}
	try(&failing{bytes.NewReader(b), int64(len(b) / 2)})
	for range f.Walk(t.Context(), bytes.NewReader(b), exifscrub.Limits{}.Defaults()) {
		break // stopping early must be safe
	}
}

// failing is an input whose second half cannot be read.
type failing struct {
	*bytes.Reader
	good int64
}

func (r *failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > r.good {
		return 0, errors.New("input/output error")
	}
	return r.Reader.ReadAt(p, off)
}

func lookForCanaries(t *testing.T, profile string, b []byte) {
	t.Helper()
	for _, c := range canaries() {
		mapped := profile == "mapping" && (strings.Contains(c.name, "coordinate") || strings.Contains(c.name, "rationals") || strings.Contains(c.name, "time") || strings.Contains(c.name, "place"))
		if i := bytes.Index(b, c.bytes); i >= 0 && !mapped {
			t.Errorf("%s: %s is still there, at %d", profile, c.name, i)
		}
	}
}

// golden compares what public does with the golden beside the sample.
func golden(t *testing.T, f exifscrub.Format, b []byte, name string) {
	t.Helper()
	var out strings.Builder
	plan, err := exifscrub.Scan(t.Context(), Job(t, "public"), f, bytes.NewReader(b))
	if err != nil {
		fmt.Fprintf(&out, "error: %v\n", err)
	} else {
		for _, j := range plan.Findings {
			fmt.Fprintf(&out, "%-7s %-11s %s %q", j.Action, j.Class, j.Path, j.Value.Reveal())
			if j.Where != nil {
				fmt.Fprintf(&out, " at %.5f %.5f", j.Where.Lat, j.Where.Lon)
			}
			fmt.Fprintf(&out, " %v\n", j.Spans)
		}
		for _, n := range plan.Notes {
			fmt.Fprintf(&out, "note: %s\n", n)
		}
		for e, err := range plan.Edits() {
			fmt.Fprintf(&out, "edit %d+%d -> %d %v\n", e.Off, e.Len, e.NewLen(), err)
		}
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

func left(p *exifscrub.Plan) string {
	var out []string
	for _, j := range p.Findings {
		if j.Action != privacy.Keep {
			out = append(out, j.Path)
		}
	}
	return strings.Join(out, ", ")
}
