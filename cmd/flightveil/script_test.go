package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"flightveil/crypt"
	"flightveil/internal/sandbox"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"flightveil": func() {
			os.Exit(run(confined(context.Background(), sandbox.Enter), os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
		},
	})
}

// TestScript runs testdata/script/*.txtar: what the program does, as its users
// see it.
func TestScript(t *testing.T) {
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join(repo, "testdata", "script"),
		Setup: func(e *testscript.Env) error {
			e.Setenv("CARD", filepath.Join(repo, "testdata", "card"))
			e.Setenv("FIXTURES", filepath.Join(repo, "exifscrub"))
			e.Setenv("LOGS", filepath.Join(repo, "logfmt"))
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("XDG_CONFIG_HOME", filepath.Join(e.WorkDir, "home", "config"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"bytes": bytesCommand, "exits": exitsCommand, "pubkey": pubkeyCommand, "sametree": sametreeCommand, "unseal": unsealCommand},
	})
}

// bytesCommand is "bytes FILE TEXT": FILE holds TEXT, byte for byte.
func bytesCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: bytes FILE TEXT")
	}
	data, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	if found := bytes.Contains(data, []byte(args[1])); found == neg {
		ts.Fatalf("%s: holds %q: %v", args[0], args[1], found)
	}
}

// exitsCommand is "exits CODE COMMAND ARG...": the command ends with that code.
func exitsCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARG...")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if ee := (*exec.ExitError)(nil); errors.As(err, &ee) {
		code = ee.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// pubkeyCommand is "pubkey FILE NAME": the variable NAME is the public half of
// the key in FILE.
func pubkeyCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: pubkey FILE NAME")
	}
	data, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	_, rest, _ := bytes.Cut(data, []byte("public key: "))
	line, _, ok := bytes.Cut(rest, []byte("\n"))
	if !ok {
		ts.Fatalf("%s: no public key", args[0])
	}
	ts.Setenv(args[1], string(line))
}

// sametreeCommand is "sametree DIR DIR": both hold the same files with the same
// content and the same times.
func sametreeCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sametree DIR DIR")
	}
	var trees [2]map[string]string
	for i, dir := range args {
		trees[i] = map[string]string{}
		root := ts.MkAbs(dir)
		ts.Check(filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			b, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			info, err := d.Info()
			rel, _ := filepath.Rel(root, p)
			trees[i][rel] = info.ModTime().UTC().String() + string(b)
			return err
		}))
	}
	for name, b := range trees[0] {
		if other, ok := trees[1][name]; !ok || other != b {
			ts.Fatalf("%s: not the same in both", name)
		}
	}
	if len(trees[0]) != len(trees[1]) || len(trees[0]) == 0 {
		ts.Fatalf("%d files and %d", len(trees[0]), len(trees[1]))
	}
}

// unsealCommand is "unseal KEY FILE OUT": OUT is what the age file holds.
func unsealCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: unseal KEY FILE OUT")
	}
	key, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	ids, err := crypt.ReadIdentities(bytes.NewReader(key), nil)
	ts.Check(err)
	in, err := os.Open(ts.MkAbs(args[1]))
	ts.Check(err)
	defer in.Close()
	var plain bytes.Buffer
	ts.Check(crypt.Unseal(&plain, in, ids...))
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), plain.Bytes(), 0o644))
}
