package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	mediaall "flightveil/exifscrub/all"
	logall "flightveil/logfmt/all"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the generated parts of the README")

// TestReadme keeps the README's tables what the program is: go test -update
// rewrites them.
func TestReadme(t *testing.T) {
	const path = "../../README.md"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := section(t, section(t, section(t, string(b), "commands", commandTable()), "containers", containerList()), "logs", logTable())
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(string(b), got); d != "" {
		t.Errorf("the README is stale (go test ./cmd/flightveil -run TestReadme -update):\n%s", d)
	}
}

// section replaces what stands between the marker called name and the next end.
func section(t *testing.T, text, name, body string) string {
	t.Helper()
	before, rest, ok := strings.Cut(text, "<!-- "+name+" -->\n")
	_, after, ok2 := strings.Cut(rest, "<!-- end -->\n")
	if !ok || !ok2 {
		t.Fatalf("the README has no marker for %s", name)
	}
	return before + "<!-- " + name + " -->\n" + body + "<!-- end -->\n" + after
}

func commandTable() string {
	var b strings.Builder
	b.WriteString("| command | does |\n|---|---|\n")
	for _, c := range newGuardedCommand(streams{strings.NewReader(""), io.Discard, io.Discard}, &confinement{}).Commands() {
		if c.IsAvailableCommand() {
			fmt.Fprintf(&b, "| `%s` | %s |\n", c.Use, c.Short)
		}
	}
	return b.String()
}

// provenLogs are the log formats that agree with an independent reader on real
// files. The others are proven on generated files only.
var provenLogs = map[string]string{
	"dji-txt":         "v3, v7, v8, v11; v14 without its key: serial numbers and take-off only",
	"mavlink-tlog":    "MAVLink 1 and 2",
	"dataflash":       "ArduCopter, ArduPlane, ArduSub .BIN",
	"ulog":            "PX4, also appended data",
	"dji-srt":         "Phantom, Mavic, Mini, Air, Avata, Neo",
	"airdata-csv":     "2016 and 2021 columns",
	"phantomhelp-csv": "two logs",
	"ugcs-csv":        "one log",
	"yuneec-csv":      "Q500",
	"edgetx-csv":      "two logs are read; no independent answer to compare with",
	"dronedeploy-log": "three logs",
	"gpx":             "two tracks",
	"kml":             "two tracks",
	"igc":             "four flights",
	"fit":             "two activities",
	"gutma-json":      "an example is read; no independent answer to compare with",
	"blackbox":        "Betaflight 4.2; iNav and others on generated files only",
	"gpmf":            "a video of the Max; packets of HERO5, HERO6, Fusion, Karma are read, with no independent answer to compare with",
}

func logTable() string {
	var b strings.Builder
	b.WriteString("| log | proven on real files |\n|---|---|\n")
	for _, f := range logall.Formats().All() {
		proven, ok := provenLogs[f.ID()]
		if !ok {
			proven = "no: generated files only"
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", f.ID(), proven)
	}
	return b.String()
}

func containerList() string {
	var ids []string
	for _, f := range mediaall.Formats().All() {
		ids = append(ids, "`"+f.ID()+"`")
	}
	return strings.Join(ids, ", ") + "\n"
}

// TestReadmeCommands runs what the README tells a newcomer to type first.
func TestReadmeCommands(t *testing.T) {
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?m)^go run ./cmd/flightveil (.*)$").FindStringSubmatch(string(b))
	if m == nil {
		t.Fatal("the README has no first command")
	}
	args := strings.Fields(m[1])
	dir := t.TempDir()
	for i, a := range args {
		switch a {
		case "out", "report.html":
			args[i] = filepath.Join(dir, a)
		case "testdata/card":
			args[i] = "../../" + a
		}
	}
	var stdout, stderr strings.Builder
	if code := run(context.Background(), args, streams{strings.NewReader(""), &stdout, &stderr}); code != exitIncomplete { // as the README says
		t.Fatalf("exit %d\n%s%s", code, &stdout, &stderr)
	}
	if n := len(tree(t, filepath.Join(dir, "out"))); n < 30 {
		t.Errorf("%d files written", n)
	}
	if fi, err := os.Stat(filepath.Join(dir, "report.html")); err != nil || fi.Size() < 50_000 {
		t.Errorf("the report: %v", err)
	}
}
