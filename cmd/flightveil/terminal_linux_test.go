package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flightveil/crypt"

	"golang.org/x/sys/unix"
)

// terminal opens a terminal: what is typed goes into the first file, the program
// reads it from the second.
func terminal(t *testing.T) (typed, tty *os.File) {
	t.Helper()
	typed, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { typed.Close() })
	if err := unix.IoctlSetPointerInt(int(typed.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Skip(err)
	}
	n, err := unix.IoctlGetInt(int(typed.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Skip(err)
	}
	if tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { tty.Close() })
	return typed, tty
}

// TestUnprovenAtTerminal: somebody at a terminal has to prove that the vault can
// be opened, or to say that it goes without.
func TestUnprovenAtTerminal(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "config"))
	key, err := crypt.NewKey(false)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "me.key"), key.File(time.Now()))
	write(t, filepath.Join(dir, "card", "a"), []byte("x"))
	_, tty := terminal(t)
	for name, c := range map[string]struct {
		in   io.Reader
		more []string
		want int
	}{
		"refused": {tty, nil, exitUsage},
		"proven":  {tty, []string{"-i", filepath.Join(dir, "me.key")}, exitOK},
		"said":    {tty, []string{"--unverified-recipient"}, exitOK},
		"script":  {strings.NewReader(""), nil, exitOK},
	} {
		out := filepath.Join(dir, name)
		args := []string{"encrypt", filepath.Join(dir, "card"), "-o", out, "-r", key.Public}
		var text bytes.Buffer
		if got := run(t.Context(), append(args, c.more...), streams{c.in, &text, &text}); got != c.want {
			t.Errorf("%s: exit %d\n%s", name, got, &text)
		}
		if _, err := os.Stat(out); name == "refused" && (err == nil || !strings.Contains(text.String(), "--unverified-recipient")) {
			t.Errorf("%s: %v\n%s", name, err, &text)
		}
	}
}

// TestTypedPassphrase: a passphrase is asked for, twice if it is new, and never
// shown.
func TestTypedPassphrase(t *testing.T) {
	typed, tty := terminal(t)
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "config"))
	file := filepath.Join(dir, "me.key")
	key := func(name, phrases string) (int, string) {
		typed.WriteString(phrases)
		var text bytes.Buffer
		code := run(t.Context(), []string{"keygen", "-p", "-o", name}, streams{tty, &text, &text})
		return code, text.String()
	}
	if code, text := key(file, "correct horse\ncorrect horse\n"); code != exitOK || strings.Contains(text, "horse") || strings.Count(text, "passphrase")+strings.Count(text, "again") < 2 {
		t.Errorf("exit %d: %s", code, text)
	}
	if code, text := key(file+"2", "correct horse\nincorrect horse\n"); code != exitUsage || !strings.Contains(text, "differ") {
		t.Errorf("exit %d: %s", code, text)
	}
	sealed, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer sealed.Close()
	ids, err := crypt.ReadIdentities(sealed, func() (string, error) { return "correct horse", nil })
	if err != nil || len(ids) != 1 {
		t.Errorf("%v, %v", ids, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
