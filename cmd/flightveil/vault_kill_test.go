package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flightveil/crypt"
	"flightveil/internal/disk"
)

const killFiles = 70

// TestKillVault kills encrypt, and then decrypt, at 100 random moments each, and
// runs the same command again, without the secret key for encrypt. The vault then
// holds the card and opens to it; nothing that was complete is sealed again.
func TestKillVault(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	dir := memoryDir(t)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "config"))
	card := filepath.Join(dir, "card")
	rng := rand.New(rand.NewPCG(3, 4))
	want := map[string][]byte{}
	for i := range killFiles { // small ones and large ones, so that each kill costs little and comes anywhere
		b := make([]byte, 1000+i*40)
		if i%20 == 7 {
			b = make([]byte, 900_000)
		}
		for k := 0; k < len(b); k += 97 {
			b[k] = byte(rng.Uint32())
		}
		name := fmt.Sprintf("DCIM/%03d/DJI_%04d.MP4", i%7, i)
		write(t, filepath.Join(card, name), b)
		want[filepath.FromSlash(name)] = b
	}
	key, err := crypt.NewKey(false)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "me.key"), key.File(time.Now()))
	identity := filepath.Join(dir, "me.key")

	seal := func(out string) []string {
		return []string{"encrypt", "-j2", "--json", "--unverified-recipient", "-r", key.Public, card, "-o", out}
	}
	open := func(vault, out string) []string {
		return []string{"decrypt", "-j2", "--json", "-i", identity, vault, "-o", out}
	}
	whole := filepath.Join(dir, "whole")
	took := timed(t, seal(whole))
	sealing := killRounds(t, 100, took, func(round int) (kill, again []string, check func(out []byte)) {
		vault := filepath.Join(dir, fmt.Sprint("vault", round))
		args := seal(vault)
		return args, args, func(out []byte) {
			sameFiles(t, round, contents(t, vault, key), want)
			for name := range tree(t, vault) {
				if strings.HasSuffix(name, ".part") || strings.HasSuffix(name, ".flightveil-journal") {
					t.Fatalf("round %d: %s is left", round, name)
				}
			}
			os.RemoveAll(vault)
		}
	}, func(round int) int { // what there is after a kill: whole, or not under a final name
		vault := filepath.Join(dir, fmt.Sprint("vault", round))
		begun := 0
		for name, b := range tree(t, vault) {
			if !strings.HasPrefix(name, "data") {
				continue
			}
			if begun++; !strings.HasSuffix(name, ".part") && len(b) < 1200 {
				t.Fatalf("round %d: %s is short: %d bytes", round, name, len(b))
			}
		}
		return begun
	})
	took = timed(t, open(whole, filepath.Join(dir, "first")))
	opening := killRounds(t, 100, took, func(round int) (kill, again []string, check func(out []byte)) {
		out := filepath.Join(dir, fmt.Sprint("out", round))
		args := open(whole, out)
		return args, args, func([]byte) {
			sameFiles(t, round, tree(t, out), want)
			os.RemoveAll(out)
		}
	}, func(round int) (begun int) {
		for name, b := range tree(t, filepath.Join(dir, fmt.Sprint("out", round))) {
			if !strings.HasSuffix(name, ".part") && !bytes.Equal(b, want[name]) {
				t.Fatalf("round %d: %s has its name and is not whole", round, name)
			}
			begun++
		}
		return begun
	})
	t.Logf("%d kills of encrypt and %d of decrypt came half-way", sealing, opening)
	if sealing < 10 || opening < 10 {
		t.Error("too few kills came half-way: the test proves little")
	}
	sameFiles(t, -1, tree(t, card), want)
}

// contents opens a vault and reads every file of it.
func contents(t *testing.T, vault string, key crypt.Key) map[string][]byte {
	t.Helper()
	ids, err := crypt.ReadIdentities(bytes.NewReader(key.File(time.Now())), nil)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := disk.Open(vault, false)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	v, err := crypt.Open(dir, ids...)
	if err != nil || v.Unfinished {
		t.Fatalf("%v, unfinished: %v", err, v != nil && v.Unfinished)
	}
	out := map[string][]byte{}
	for _, e := range v.Files() {
		var b bytes.Buffer
		if err := v.Extract(t.Context(), e, &b); err != nil {
			t.Fatalf("%s: %v", e.Path, err)
		}
		out[filepath.FromSlash(e.Path)] = b.Bytes()
	}
	return out
}

// timed runs a command that must succeed.
func timed(t *testing.T, args []string) time.Duration {
	t.Helper()
	started := time.Now()
	if out, err := flightveil(t, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return time.Since(started)
}

// killRounds kills a command at random moments and runs another behind it.
// begun looks at what is left and says how many files there are.
func killRounds(t *testing.T, rounds int, took time.Duration, plan func(int) (kill, again []string, check func([]byte)), begun func(int) int) (halfway int) {
	rng := rand.New(rand.NewPCG(5, 6))
	for round := range rounds {
		kill, again, check := plan(round)
		cmd := flightveil(t, kill...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rng.Int64N(int64(took))))
		cmd.Process.Kill()
		finished := cmd.Wait() == nil
		files := begun(round)
		if finished && kill[0] == "encrypt" { // run again, a finished vault asks for a key
			check(nil)
			continue
		}
		out, err := flightveil(t, again...).Output()
		if err != nil {
			// The kill may have come between the last file and the end of the journal.
			if kill[0] == "encrypt" && files == killFiles && bytes.Contains(stderrOf(err), []byte("needs a key")) {
				check(nil)
				continue
			}
			t.Fatalf("round %d: %v\n%s%s", round, err, out, stderrOf(err))
		}
		_, kept := statuses(t, out)
		if files > 0 && files < killFiles {
			halfway++
		}
		if kill[0] == "encrypt" && files-kept > 2 { // one for each job
			t.Fatalf("round %d: %d files were begun, only %d of them kept", round, files, kept)
		}
		check(out)
	}
	return halfway
}

// statuses counts what a run did, and what it found done.
func statuses(t *testing.T, out []byte) (fresh, kept int) {
	for line := range bytes.Lines(out) {
		var l struct{ Type, Status string }
		if !bytes.Contains(line, []byte(`"type":"file"`)) {
			continue
		}
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatal(err)
		}
		switch {
		case l.Status == "unchanged":
			kept++
		case l.Status == "failed":
			t.Fatalf("a file failed: %s", line)
		default:
			fresh++
		}
	}
	return fresh, kept
}

func sameFiles(t *testing.T, round int, got, want map[string][]byte) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("round %d: %d files, want %d", round, len(got), len(want))
	}
	for name, b := range want {
		if !bytes.Equal(got[name], b) {
			t.Fatalf("round %d: %s is not what it was", round, name)
		}
	}
}

func stderrOf(err error) []byte {
	var ee *exec.ExitError
	if errors.As(err, &ee) {
		return ee.Stderr
	}
	return nil
}
