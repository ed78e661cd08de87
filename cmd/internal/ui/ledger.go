package ui

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// A Ledger shows what happened to the files of a vault, as text or as JSON lines.
type Ledger struct {
	w    io.Writer
	json bool
	o    Options
	all  map[string]int
	size int64
	done int64
}

// NewLedger returns a ledger that writes to w.
func NewLedger(w io.Writer, asJSON bool, o Options) *Ledger {
	return &Ledger{w: w, json: asJSON, o: o, all: map[string]int{}}
}

// A Line is one file of a vault. Field names are part of the interface for
// programs: TestLedgerFields lists them.
type Line struct {
	Type   string `json:"type"` // "file"
	Path   string `json:"path"`
	Status string `json:"status"`
	Size   int64  `json:"size"`
	Mod    string `json:"mtime,omitempty"`
	Sealed string `json:"sealed,omitempty"` // the sealed file
	As     string `json:"stored_as,omitempty"`
	Hash   string `json:"xxh64,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	Reason string `json:"reason,omitempty"`
	Bad    bool   `json:"-"` // shown whatever was asked for
	Count  bool   `json:"-"` // its bytes were worked on
}

// File shows one file.
func (l *Ledger) File(f Line) {
	l.all[f.Status]++
	if l.size += f.Size; f.Count {
		l.done += f.Size
	}
	if l.json {
		f.Type = "file"
		l.object(f)
		return
	}
	if !f.Bad && (l.o.Quiet || !l.o.Verbose) {
		return
	}
	text := Printable(f.Path) + ": " + f.Status
	if f.As != "" {
		text += " as " + Printable(f.As) + ", another file had its name"
	}
	if f.Sealed != "" && !f.Bad {
		text += " → " + Printable(f.Sealed)
	}
	if f.Reason != "" {
		text += ": " + f.Reason
	}
	fmt.Fprintln(l.w, text)
}

// Note shows a sentence to people.
func (l *Ledger) Note(format string, args ...any) {
	if !l.json && !l.o.Quiet {
		fmt.Fprintf(l.w, format+"\n", args...)
	}
}

// Vault shows what one vault of several got.
func (l *Ledger) Vault(path string, files, sealed int, bytes int64) {
	if l.json {
		l.object(map[string]any{"type": "vault", "path": path, "files": files, "sealed": sealed, "bytes_done": bytes})
		return
	}
	l.Note("%s: %s, %d sealed now, %s", Printable(path), Plural(files, "file"), sealed, Bytes(bytes))
}

// Total closes the run.
func (l *Ledger) Total(took time.Duration) {
	n := 0
	for _, k := range l.all {
		n += k
	}
	if l.json {
		l.object(map[string]any{"type": "total", "files": n, "status": l.all, "bytes": l.size, "bytes_done": l.done, "seconds": took.Seconds()})
		return
	}
	var parts []string
	for status, k := range l.all {
		parts = append(parts, fmt.Sprintf("%d %s", k, status))
	}
	slices.Sort(parts)
	text := Plural(n, "file")
	if n > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	if l.done > 0 {
		text += fmt.Sprintf("; %s in %s", Bytes(l.done), round(took))
		if s := took.Seconds(); s >= 1 {
			text += fmt.Sprintf(", %s a second", Bytes(int64(float64(l.done)/s)))
		}
	}
	l.Note("%s", text)
}

func round(d time.Duration) time.Duration {
	switch {
	case d > time.Minute:
		return d.Round(time.Second)
	case d > time.Second:
		return d.Round(100 * time.Millisecond)
	}
	return d.Round(time.Millisecond)
}

func (l *Ledger) object(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only strings and numbers are marshalled
	}
	l.w.Write(append(b, '\n'))
}

// Bytes shows a size to people, in decimal units as cards have them.
func Bytes(n int64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB"}
	v, i := float64(n), 0
	for ; v >= 999.5 && i < len(units)-1; i++ {
		v /= 1000
	}
	switch {
	case i == 0 && n == 1:
		return "1 byte"
	case i == 0:
		return fmt.Sprintf("%d bytes", n)
	case v < 10:
		return fmt.Sprintf("%.1f %s", v, units[i])
	}
	return fmt.Sprintf("%.0f %s", v, units[i])
}
