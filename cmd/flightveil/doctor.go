package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"flightveil/cmd/internal/ui"
	"flightveil/internal/disk"
	"flightveil/internal/sandbox"

	"github.com/spf13/cobra"
)

func newDoctorCommand(s streams, c *confinement) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "doctor [DIR]",
		Short: "Prove what holds on this computer, and say what is up to you",
		Long: `Try what the sandbox has to refuse, from inside it: to open sockets, run programs,
read and write files that were not given. Nothing is sent. Then say what the file
system of DIR (the current folder) can do, which keys and zones there are, and
what authorities advise pilots to do, with who does it: flightveil or you.

--sandbox require fails unless everything is in force. --sandbox off shows what
would be possible without: the same attempts succeed. Exit code 4: something was
possible that the sandbox should have refused.` + exitCodes,
		Example: `  flightveil doctor
  flightveil doctor --sandbox require /media/card`,
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, _ []string) error { return runDoctor(c, asJSON, s) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object per line")
	return cmd
}

func runDoctor(c *confinement, asJSON bool, s streams) error {
	d := &doctor{w: s.Out, json: asJSON}
	d.head("Program")
	d.line(note{Type: "version", Name: "flightveil", Is: version() + " " + runtime.GOOS + "/" + runtime.GOARCH})
	if err := d.sandbox(c.state); err != nil {
		return err
	}
	d.head("File system of " + ui.Printable(c.doctored))
	d.fileSystem(c)
	d.head("Keys and zones")
	d.keys()
	d.head("What authorities advise (CISA and DHS on unmanned aircraft; European rules on data)")
	for _, a := range advice {
		d.line(note{Type: "advice", Name: a.what, Is: a.ours, You: a.yours})
	}
	switch {
	case d.err != nil:
		return d.err
	case d.through > 0:
		return errFound
	case c.mode == string(sandbox.Require) && !c.state.Whole():
		return sandbox.ErrIncomplete
	}
	return nil
}

// A note is one thing that doctor says.
type note struct {
	Type string `json:"type"`
	Name string `json:"name"`
	Is   string `json:"is"`
	OK   *bool  `json:"ok,omitempty"`
	You  string `json:"you,omitempty"` // what is up to the pilot
}

// A doctor prints what it finds.
type doctor struct {
	w       io.Writer
	json    bool
	through int // attempts that should have been refused and were not
	err     error
}

func (d *doctor) head(text string) {
	if !d.json {
		d.print("%s\n", text)
	}
}

func (d *doctor) print(format string, args ...any) {
	if _, err := fmt.Fprintf(d.w, format, args...); err != nil && d.err == nil {
		d.err = err
	}
}

func (d *doctor) line(n note) {
	if d.json {
		b, err := json.Marshal(n)
		if err != nil {
			d.err = err
			return
		}
		d.print("%s\n", b)
		return
	}
	mark := "      "
	if n.OK != nil {
		mark = map[bool]string{true: "  ok  ", false: "  --  "}[*n.OK]
	}
	d.print("%s%s: %s\n", mark, n.Name, n.Is)
	if n.You != "" {
		d.print("      you: %s\n", n.You)
	}
}

func (d *doctor) check(kind, name, is string, ok bool) {
	d.line(note{Type: kind, Name: name, Is: is, OK: &ok})
}

// sandbox says what is in force and tries it.
func (d *doctor) sandbox(st sandbox.State) error {
	d.head("Sandbox (--sandbox " + string(st.Mode) + ")")
	guards := map[string]string{"files": st.Files, "calls": st.Calls}
	for _, g := range []struct{ name, by string }{{"files out of reach", st.Files}, {"no sockets, no other programs", st.Calls}} {
		is := "in force, by " + g.by
		if g.by == "" {
			is = "NOT in force"
		}
		d.check("sandbox", g.name, is, g.by != "")
	}
	if runtime.GOOS == "linux" {
		d.line(note{Type: "sandbox", Name: "Landlock of this kernel", Is: fmt.Sprintf("version %d", st.Landlock)})
	}
	for _, m := range st.Missing {
		d.check("missing", "missing", m, false)
	}
	if !st.Whole() && runtime.GOOS != "linux" && runtime.GOOS != "openbsd" {
		d.line(note{Type: "missing", Name: "here", Is: "the promise rests on the program alone: its source, which anyone can build to the same bytes. " + elsewhere()})
	}
	for _, p := range sandbox.Try() {
		is := "refused"
		switch {
		case p.Refused:
		case p.Err == nil:
			is = "POSSIBLE"
		default:
			is = "NOT refused (" + p.Err.Error() + ")"
		}
		if !p.Refused && guards[p.Guard] != "" {
			d.through++
		}
		d.check("probe", "tried to "+p.Name, is, p.Refused)
	}
	return d.err
}

// elsewhere is what can be done from outside on systems without a sandbox.
func elsewhere() string {
	switch runtime.GOOS {
	case "darwin":
		return "From outside: sandbox-exec -p '(version 1)(allow default)(deny network*)' flightveil …"
	case "windows":
		return "From outside: New-NetFirewallRule -DisplayName flightveil -Direction Outbound -Action Block -Program (Get-Command flightveil).Source"
	case "freebsd":
		return "From outside: a jail without a network: jail -c path=/ ip4=disable ip6=disable command=flightveil …"
	}
	return ""
}

// fileSystem says what outputs can count on.
func (d *doctor) fileSystem(c *confinement) {
	if c.scratch == "" {
		d.check("filesystem", "to write", "not possible there", false)
		return
	}
	list, err := disk.Abilities(c.scratch)
	if err != nil {
		d.check("filesystem", "to write", "not possible there ("+err.Error()+")", false)
		return
	}
	for _, a := range list {
		is := "yes: " + a.For
		if a.Err != nil {
			is = "no (" + a.For + ")"
		}
		d.check("filesystem", a.Name, is, a.Err == nil)
	}
	dir, err := disk.Open(c.scratch, false)
	if err != nil {
		return
	}
	defer dir.Close()
	if space, err := dir.Space(); err == nil {
		d.line(note{Type: "filesystem", Name: "free", Is: ui.Bytes(space.Free)})
		if space.MaxFile > 0 {
			d.line(note{Type: "filesystem", Name: "largest file", Is: ui.Bytes(space.MaxFile)})
		}
	}
}

// keys says which secrets lie in the configuration folder. None is read.
func (d *doctor) keys() {
	dir, err := ringDir()
	if err != nil {
		d.check("key", "configuration folder", "none", false)
		return
	}
	d.line(note{Type: "key", Name: "configuration folder", Is: ui.Printable(dir)})
	for _, k := range []struct{ file, name, none string }{
		{keyName, "key that hides places", "none: flightveil key init makes one"},
		{placesName, "registry of places", "none"},
		{"zones.age", "zones", "none"},
		{"unfinished", "unfinished vaults", "none"},
	} {
		fi, err := os.Lstat(filepath.Join(dir, k.file))
		switch {
		case err != nil:
			d.line(note{Type: "key", Name: k.name, Is: k.none})
		case runtime.GOOS != "windows" && fi.Mode().Perm()&0o077 != 0:
			d.check("key", k.name, "there, but others may read it: chmod go= "+k.file, false)
		default:
			d.check("key", k.name, "there, for you alone", true)
		}
	}
	d.line(note{Type: "key", Name: "profiles", Is: strings.Join(profileNames(), ", ")})
}
