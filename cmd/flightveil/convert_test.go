package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"flightveil/internal/atomicfile"
	"flightveil/internal/corpus"
	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"
	"flightveil/logfmt/export"
)

// logs returns the generated logs of every format with what stands for the
// vendor's answers, and the real ones if they are there.
func logs(t *testing.T) (paths []string, keychains [][]byte) {
	t.Helper()
	all, err := filepath.Glob("../../logfmt/*/testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		switch filepath.Ext(p) {
		case ".golden", ".xsd":
		case ".key":
			b, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			keychains = append(keychains, b)
		default:
			if fi, err := os.Stat(p); err == nil && fi.Mode().IsRegular() {
				paths = append(paths, p)
			}
		}
	}
	if len(paths) < 50 || len(keychains) == 0 {
		t.Fatalf("%d generated logs, %d keys", len(paths), len(keychains))
	}
	t.Run("real", func(t *testing.T) { paths = append(paths, corpus.Files(t, "logs")...) })
	return paths, keychains
}

// a converted log is one output and where it came from.
type converted struct {
	pipeline.Outcome
	b []byte
}

// convertAll writes every log as format under the default profile.
func convertAll(t *testing.T, paths []string, keychains [][]byte, format string) map[string]converted {
	t.Helper()
	profile, err := privacy.LoadProfile("track", nil)
	if err != nil {
		t.Fatal(err)
	}
	to, ok := export.ByID(format)
	if !ok {
		t.Fatal("no format ", format)
	}
	dir := t.TempDir()
	out, err := atomicfile.Open(dir, atomicfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	sources, closer := pipeline.Gather(paths)
	defer closer.Close()
	all := map[string]converted{}
	for o := range newRunner(profile, 2, keychains...).Convert(t.Context(), sources, pipeline.ConvertOptions{Out: out, Path: dir, To: to}) {
		c := converted{Outcome: o}
		if o.Status == pipeline.Written {
			if c.b, err = os.ReadFile(filepath.Join(dir, o.Output)); err != nil {
				t.Fatal(err)
			}
		}
		all[o.Source.Label] = c
	}
	return all
}

// TestNoIdentifierLeaves compares what inspect finds in each log with what
// convert writes: no value that names a device, a person or a place is in it.
func TestNoIdentifierLeaves(t *testing.T) {
	paths, keychains := logs(t)
	everything, err := privacy.LoadProfile("everything", nil)
	if err != nil {
		t.Fatal(err)
	}
	sources, closer := pipeline.Gather(paths)
	defer closer.Close()
	told := map[string]map[string]string{} // log → value → path
	values := 0
	for o := range newRunner(everything, 2, keychains...).Inspect(t.Context(), sources) {
		told[o.Source.Label] = map[string]string{}
		for _, j := range o.Findings {
			v := strings.TrimSpace(j.Value.Reveal())
			if j.Where != nil || slices.Contains([]privacy.Class{privacy.Time, privacy.Altitude, privacy.Attitude, privacy.Exposure}, j.Class) || len(v) < 4 || strings.Trim(v, "+-.0123456789") == "" && len(v) < 6 {
				continue // the track itself, its clock, what a track keeps, and numbers that any track may hold
			}
			told[o.Source.Label][v] = string(j.Class) + " " + j.Path
			values++
		}
	}
	if values < 300 {
		t.Fatalf("inspect finds only %d values: this proves nothing", values)
	}
	for _, f := range export.Formats() {
		written := 0
		for name, c := range convertAll(t, paths, keychains, f.ID) {
			if c.b == nil {
				continue
			}
			written++
			text := string(c.b)
			for v, path := range told[name] {
				if f.ID == "json" && strings.HasPrefix(path, string(privacy.Location)) {
					continue // all that the profile keeps
				}
				if holdsWord(text, v) || strings.Contains(text, escaped(v)) && escaped(v) != v {
					t.Errorf("%s as %s holds %s: %q", name, f.ID, path, v)
				}
			}
		}
		if written < 50 {
			t.Errorf("%s: only %d written", f.ID, written)
		}
	}
}

// holdsWord reports whether text holds v, and not as part of a longer number or
// of the words that every output has.
func holdsWord(text, v string) bool {
	if slices.Contains([]string{"flightveil", "Flight", "Flight 1", "home", "photo", "waypoint", "type"}, v) {
		return false
	}
	part := func(c byte) bool { return c >= '0' && c <= '9' || c == '.' || c == '-' }
	number := strings.Trim(v, "+-.0123456789") == ""
	for from := 0; ; {
		i := strings.Index(text[from:], v)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(v)
		if !number || (i == 0 || !part(text[i-1])) && (end == len(text) || !part(text[end])) {
			return true
		}
		from = i + 1
	}
}

func escaped(s string) string {
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(s))
	return b.String()
}

// TestInspectTellsWhoFlew compares inspect --json with the serial numbers and
// names that independent readers found in real logs.
func TestInspectTellsWhoFlew(t *testing.T) {
	dir := corpus.Dir(t)
	b, err := os.ReadFile(filepath.Join(dir, "truth", "logs.json"))
	if err != nil {
		t.Fatal(err)
	}
	var truths map[string]struct{ Identity map[string]string }
	if err := json.Unmarshal(b, &truths); err != nil {
		t.Fatal(err)
	}
	values := 0
	for name, truth := range truths {
		if len(truth.Identity) == 0 {
			continue
		}
		var out, errs bytes.Buffer
		code := run(t.Context(), []string{"inspect", "--json", "--show-values", filepath.Join(dir, "logs", name)}, streams{strings.NewReader(""), &out, &errs})
		if code != exitOK && code != exitIncomplete {
			t.Errorf("%s: exit %d: %s", name, code, errs.String())
		}
		var file struct {
			Findings []struct{ Class, Path, Value string }
		}
		line, _, _ := strings.Cut(out.String(), "\n")
		if err := json.Unmarshal([]byte(line), &file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for tag, want := range truth.Identity {
			if want == "" {
				continue
			}
			values++
			found := false
			for _, f := range file.Findings {
				found = found || f.Class == string(privacy.Identity) && strings.HasSuffix(f.Path, tag) && f.Value == want
			}
			if !found {
				t.Errorf("%s: %s is not told", name, tag)
			}
		}
	}
	if values < 20 {
		t.Errorf("only %d values compared", values)
	}
}

// TestGPXIsValid holds the GPX of every log against what GPX 1.1 asks.
func TestGPXIsValid(t *testing.T) {
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed")
	}
	schema, err := filepath.Abs("../../logfmt/export/testdata/gpx11.xsd")
	if err != nil {
		t.Fatal(err)
	}
	validate := func(b []byte) (string, error) {
		cmd := exec.Command(lint, "--noout", "--nonet", "--schema", schema, "-")
		cmd.Stdin = bytes.NewReader(b)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	paths, keychains := logs(t)
	var last []byte
	for name, c := range convertAll(t, paths, keychains, "gpx") {
		if c.b == nil {
			continue
		}
		if out, err := validate(c.b); err != nil {
			t.Errorf("%s: %v\n%.2000s", name, err, out)
		}
		if c.Positions > 1 && bytes.Contains(c.b, []byte("<ele>")) {
			last = c.b
		}
	}
	for what, spoil := range map[string][2]string{"elements out of order": {"<ele>", "<sat>3</sat><ele>"}, "an unknown element": {"<ele>", "<serial>1</serial><ele>"},
		"a latitude of 91": {`lat="`, `lat="91" x="`}, "a time of words": {"<ele>", "<ele>0</ele><time>noon</time><ele>"}} {
		if _, err := validate(bytes.Replace(last, []byte(spoil[0]), []byte(spoil[1]), 1)); err == nil {
			t.Errorf("%s passes: the schema proves nothing", what)
		}
	}
}

// TestKMLIsValid checks the rules of gx:Track: as many times as places, times
// first, and numbers that are places.
func TestKMLIsValid(t *testing.T) {
	paths, keychains := logs(t)
	for name, c := range convertAll(t, paths, keychains, "kml") {
		if c.b == nil {
			continue
		}
		whens, coords, places := 0, 0, 0
		d := xml.NewDecoder(bytes.NewReader(c.b))
		for {
			tok, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
				break
			}
			switch tok := tok.(type) {
			case xml.StartElement:
				switch tok.Name.Local {
				case "Track":
					whens, coords = 0, 0
				case "when":
					if whens++; coords > 0 {
						t.Errorf("%s: a time behind a place", name)
					}
				case "coord":
					coords++
					places++
				case "coordinates":
					var text string
					if err := d.DecodeElement(&text, &tok); err != nil {
						t.Fatal(err)
					}
					for _, tuple := range strings.Fields(text) {
						checkTuple(t, name, strings.Split(tuple, ","))
						places++
					}
				case "altitudeMode":
					var mode string
					if err := d.DecodeElement(&mode, &tok); err != nil {
						t.Fatal(err)
					}
					if !slices.Contains([]string{"absolute", "relativeToGround", "clampToGround"}, mode) {
						t.Errorf("%s: altitudeMode %s", name, mode)
					}
				}
			case xml.CharData:
				if whens > 0 && whens > coords-1 && coords > 0 && len(bytes.Fields(tok)) == 3 {
					checkTuple(t, name, strings.Fields(string(tok)))
				}
			case xml.EndElement:
				if tok.Name.Local == "Track" && whens != coords {
					t.Errorf("%s: %d times, %d places", name, whens, coords)
				}
			}
		}
		if places < c.Positions {
			t.Errorf("%s: %d places of %d positions", name, places, c.Positions)
		}
	}
}

func checkTuple(t *testing.T, name string, tuple []string) {
	t.Helper()
	for i, limit := range []float64{180, 90, 1e6} {
		if i >= len(tuple) {
			break
		}
		if v, err := strconv.ParseFloat(tuple[i], 64); err != nil || v < -limit || v > limit {
			t.Errorf("%s: %v is no place", name, tuple)
		}
	}
}

// TestGPSBabelCounts has gpsbabel read the GPX and KML of every log: it must
// see as many points of tracks as there are positions.
func TestGPSBabelCounts(t *testing.T) {
	babel, err := exec.LookPath("gpsbabel")
	if err != nil {
		t.Skip("gpsbabel is not installed")
	}
	paths, keychains := logs(t)
	for _, format := range []string{"gpx", "kml"} {
		compared := 0
		for name, c := range convertAll(t, paths, keychains, format) {
			if c.Positions == 0 || c.b == nil {
				continue
			}
			path := filepath.Join(t.TempDir(), "x")
			if err := os.WriteFile(path, c.b, 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(babel, "-t", "-i", format, "-f", path, "-x", "nuketypes,waypoints,routes", "-o", "unicsv", "-F", "-").CombinedOutput()
			if err != nil {
				t.Fatalf("%s as %s: %v\n%.2000s", name, format, err, out)
			}
			if n := bytes.Count(out, []byte("\n")) - 1; n != c.Positions {
				t.Errorf("%s as %s: gpsbabel sees %d points of %d", name, format, n, c.Positions)
			}
			compared++
		}
		if compared < 40 {
			t.Errorf("%s: only %d compared", format, compared)
		}
	}
}
