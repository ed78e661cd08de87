package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"flightveil/internal/sandbox"
)

// doctorSays runs the doctor as a process and returns what it says by type.
func doctorSays(t *testing.T, args ...string) (map[string][]note, error) {
	t.Helper()
	cmd := flightveil(t, append([]string{"doctor", "--json"}, args...)...)
	cmd.Dir = t.TempDir()
	b, err := cmd.Output()
	if left, _ := os.ReadDir(cmd.Dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	out := map[string][]note{}
	for line := range strings.Lines(string(b)) {
		var n note
		if err := json.Unmarshal([]byte(line), &n); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		out[n.Type] = append(out[n.Type], n)
	}
	return out, err
}

// needLandlock skips where the kernel cannot keep files out of reach.
func needLandlock(t *testing.T) {
	t.Helper()
	said, err := doctorSays(t)
	if err != nil {
		t.Fatal(err)
	}
	if m := said["missing"]; len(m) > 0 {
		t.Skipf("the sandbox is not whole here: %s", m[0].Is)
	}
}

// TestDoctor tries everything with the sandbox and without.
func TestDoctor(t *testing.T) {
	needLandlock(t)
	inside, err := doctorSays(t, "--sandbox", "require")
	if err != nil || len(inside["probe"]) < 15 || len(inside["advice"]) < 10 {
		t.Fatalf("%v: %d probes, %d pieces of advice", err, len(inside["probe"]), len(inside["advice"]))
	}
	for _, p := range inside["probe"] {
		if !*p.OK {
			t.Errorf("%s: %s", p.Name, p.Is)
		}
	}
	outside, err := doctorSays(t, "--sandbox", "off")
	if err != nil || len(outside["probe"]) != len(inside["probe"]) {
		t.Fatalf("%v: %d probes", err, len(outside["probe"]))
	}
	free := 0
	for _, p := range outside["probe"] {
		if !*p.OK {
			free++
		}
	}
	if free < len(outside["probe"])-1 { // some systems forbid io_uring to everybody
		t.Errorf("%d of %d are refused without a sandbox, too: they prove nothing", len(outside["probe"])-free, len(outside["probe"]))
	}
}

// TestReach enters the sandbox as commands do and looks what can be reached:
// nothing beside inputs and outputs, and inputs only to be read.
func TestReach(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "config"))
	for _, name := range []string{"in/a.jpg", "b.jpg", "b.xmp", "log.txt", "other.csv", "key", "vault/index.age", "config/flightveil/key.age", "config/flightveil/profiles/x.toml"} {
		write(t, name, []byte("x"))
	}
	profiles := filepath.Join(dir, "config/flightveil/profiles")
	config := filepath.Join(dir, "config/flightveil")
	for _, c := range []struct {
		args        string
		read, write []string
	}{
		{"inspect in", []string{"in"}, nil},
		{"inspect b.jpg", []string{"b.jpg"}, nil},
		{"inspect log.txt", []string{"log.txt", "b.jpg", "b.xmp", "key", "log.txt", "other.csv"}, nil},
		{"scrub in -o out", []string{"in"}, []string{"out"}},
		{"scrub in -o deep/er/out", []string{"in"}, []string{"deep/er/out"}},
		{"scrub b.jpg -o clean/c.jpg", []string{"b.jpg"}, []string{"clean"}},
		{"scrub b.jpg --sidecars -o out", []string{"b.jpg", "b.xmp"}, []string{"out"}},
		{"scrub -n in -o out", []string{"in"}, nil},
		{"scrub --in-place in", nil, []string{"in"}},
		{"scrub --in-place b.jpg", nil, []string{"."}},
		{"scrub in -o in/out", []string{"in"}, []string{"in/out"}}, // refused by the command: not made
		{"convert in -o tracks", []string{"in"}, []string{"tracks"}},
		{"convert in -o tracks --location near", []string{"in"}, []string{"tracks", config}},
		{"convert in --merge -o all.gpx", []string{"in"}, []string{"."}},
		{"convert --keychain key in -o /dev/null", []string{"in", "key"}, []string{"/dev/null"}},
		{"encrypt in -o v -i key -p", []string{"in", "key"}, []string{"v", config}},
		{"decrypt vault -o out in/*", []string{"vault"}, []string{"out"}},
		{"vault ls vault -i key", []string{"vault", "key"}, nil},
		{"vault rekey vault -i key", []string{"key"}, []string{"vault"}},
		{"vault prune vault --card in -i key", []string{"key"}, []string{"vault", "in"}},
		{"vault grant vault b.jpg --to age1 -o out", []string{"vault"}, []string{"out"}},
		{"keygen -o new.key", nil, []string{"."}},
		{"verify in vault", []string{"in", "vault"}, nil},
	} {
		var got sandbox.Paths
		entered := false
		ctx := confined(t.Context(), func(_ sandbox.Mode, p sandbox.Paths) (sandbox.State, error) {
			got, entered = p, true
			return sandbox.State{}, errIncomplete // ends the command
		})
		var out strings.Builder
		run(ctx, strings.Fields(c.args), streams{strings.NewReader(""), &out, &out})
		read := slices.DeleteFunc(got.Read, func(p string) bool { return p == profiles || p == groupLimit })
		if !entered || !slices.Equal(read, c.read) || !sameSet(got.Write, c.write) {
			t.Errorf("%s: reads %q, writes %q; want %q, %q\n%s", c.args, read, got.Write, c.read, c.write, &out)
		}
		for _, made := range []string{"out", "deep", "clean", "in/out", "v", "tracks"} {
			if _, err := os.Lstat(made); err == nil {
				t.Errorf("%s: left %s behind", c.args, made)
			}
		}
	}
}

func sameSet(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// TestStandardStreamsNeedNoFolder: a private folder is made for them, and goes.
func TestStandardStreamsNeedNoFolder(t *testing.T) {
	temp := t.TempDir()
	cmd := flightveil(t, "scrub", "-", "-o", "-")
	cmd.Env = append(os.Environ(), "TMPDIR="+temp)
	photo, err := os.Open("../../testdata/card/DCIM/100MEDIA/DJI_0001.JPG")
	if err != nil {
		t.Fatal(err)
	}
	defer photo.Close()
	cmd.Stdin = photo
	b, err := cmd.Output()
	if err != nil || len(b) < 1000 {
		t.Fatalf("%v, %d bytes", err, len(b))
	}
	if left, _ := os.ReadDir(temp); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
