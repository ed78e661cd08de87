package ui

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"
)

// textPrinter writes what a pilot wants to know.
type textPrinter struct {
	w       io.Writer
	o       Options
	removed bool // a copyright line went
	folders folders
}

func (p *textPrinter) line(format string, args ...any) { fmt.Fprintf(p.w, format+"\n", args...) }

// paint colours s where the terminal wants colours.
func (p *textPrinter) paint(code, s string) string {
	if !p.o.Color {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

const (
	red    = "31"
	green  = "32"
	yellow = "33"
	bold   = "1"
)

func (p *textPrinter) File(o pipeline.Outcome) {
	p.folders.add(o)
	p.removed = p.removed || slices.ContainsFunc(o.Findings, func(j exifscrub.Judged) bool {
		return j.Class == privacy.Copyright && j.Action == privacy.Remove
	})
	name := p.paint(bold, Printable(o.Source.Label))
	switch o.Status {
	case pipeline.Refused, pipeline.Failed:
		p.line("%s: %s: %s", name, p.paint(red, string(o.Status)), o.Why())
		return
	case pipeline.Skipped:
		if !p.o.Quiet {
			p.line("%s: skipped: %s", name, o.Why())
		}
		return
	}
	if p.o.Quiet {
		return
	}
	told := pipeline.Tell(o.Findings)
	switch o.Status {
	case pipeline.Inspected:
		p.line("%s: %s", name, pipeline.Verdict(told))
		p.told(told, false)
	case pipeline.Planned:
		p.line("%s: would become %s%s", name, Printable(o.Output), map[bool]string{true: " (already clean: copied bit for bit)"}[o.Copied])
		p.told(told, true)
	case pipeline.Edited:
		p.line("%s: %s: %s", name, p.paint(green, "cleaned in place"), lookedAgain(o.Checked))
		if p.o.Verbose {
			p.told(told, true)
		}
	case pipeline.Restored:
		p.line("%s: %s: as it was before the interrupted run", name, p.paint(green, "restored"))
	case pipeline.Unchanged:
		if o.Output == "" {
			p.line("%s: %s: already clean, left as it is", name, p.paint(green, "unchanged"))
			break
		}
		p.line("%s: %s → %s: already clean, copied bit for bit", name, p.paint(green, "unchanged"), Printable(o.Output))
	case pipeline.Written:
		p.line("%s: %s → %s: %s", name, p.paint(green, "written"), Printable(o.Output), lookedAgain(o.Checked))
		if p.o.Verbose {
			p.told(told, true)
		}
	}
	for _, n := range o.Notes {
		p.line("    note: %s", n)
	}
}

// told lists what a file says, one line per thing.
func (p *textPrinter) told(told []pipeline.Told, actions bool) {
	for _, t := range told {
		if t.Class == privacy.Exposure && !p.o.Verbose {
			continue
		}
		verb := ""
		if actions {
			verb = string(t.Action) + " "
		}
		p.line("    %s%-11s %s%s%s", verb, t.Class, t.What, copies(t), p.values(t))
	}
}

func copies(t pipeline.Told) string {
	where := t.Places[0]
	switch n := len(t.Places); {
	case n == 2:
		where += " and " + t.Places[1]
	case n > 2:
		where += fmt.Sprintf(" and %d more places", n-1)
	}
	if t.Copies > 1 {
		return fmt.Sprintf(", %d copies: %s", t.Copies, where)
	}
	return ": " + where
}

func (p *textPrinter) values(t pipeline.Told) string {
	if !p.o.Values || len(t.Values) == 0 {
		return ""
	}
	var out []string
	for _, v := range t.Values[:min(3, len(t.Values))] {
		out = append(out, Printable(shorten(v.Reveal())))
	}
	if n := len(t.Values) - 3; n > 0 {
		out = append(out, fmt.Sprintf("and %d more", n))
	}
	return " = " + strings.Join(out, "; ")
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// lookedAgain says what the second look at a copy found: nothing.
func lookedAgain(c pipeline.Checked) string {
	by := strings.Join(c.Readers, ", ")
	if by == "" { // a track, in another format
		switch c.Values {
		case 0:
			return "no text that had to be removed"
		case 1:
			return "a byte search did not find the removed value in it"
		}
		return fmt.Sprintf("a byte search found none of the %d removed values in it", c.Values)
	}
	switch c.Values {
	case 0:
		return "read again by " + by + ": nothing left to remove"
	case 1:
		return "the removed value was not found again by " + by + " and a byte search"
	}
	return fmt.Sprintf("none of the %d removed values was found again by %s and a byte search", c.Values, by)
}

func (p *textPrinter) Pair(c pipeline.Compared) {
	switch c.Status {
	case pipeline.NoPartner:
		if c.Clean == "" {
			p.line("%s: %s: it has no copy", p.paint(bold, Printable(c.Original)), p.paint(yellow, "not checked"))
		} else {
			p.line("%s: %s: no original belongs to it", p.paint(bold, Printable(c.Clean)), p.paint(yellow, "not checked"))
		}
	case pipeline.NotCompared:
		p.line("%s: %s: %v", p.paint(bold, Printable(c.Clean)), p.paint(yellow, "not checked"), c.Err)
	case pipeline.Left:
		p.line("%s: %s", p.paint(bold, Printable(c.Clean)), p.paint(red, "something is left"))
		for _, h := range c.Hits {
			where := "a reader lists it"
			if h.Off >= 0 {
				where = fmt.Sprintf("at byte %d", h.Off)
			}
			p.line("    %-11s %s: %s (%s)", h.Class, h.Path, where, h.As)
		}
	case pipeline.NothingLeft:
		if !p.o.Quiet {
			p.line("%s: %s", p.paint(bold, Printable(c.Clean)), lookedAgain(c.Checked))
		}
	}
}

func (p *textPrinter) Total(t pipeline.Totals) {
	if p.o.Quiet {
		return
	}
	p.line("")
	var parts []string
	for _, s := range []pipeline.Status{pipeline.Written, pipeline.Edited, pipeline.Restored, pipeline.Unchanged, pipeline.Planned, pipeline.Inspected, pipeline.Refused, pipeline.Failed, pipeline.Skipped} {
		if n := t.Status[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	p.line("%s: %s", Plural(t.Files, "file"), strings.Join(parts, ", "))
	if t.Status[pipeline.Inspected] > 0 || t.Status[pipeline.Planned] > 0 {
		p.classes(t)
		for _, f := range p.folders.list() {
			p.line("%s: %s", p.paint(bold, Printable(f.path)), Plural(f.Files, "file"))
			p.classes(f.Totals)
		}
	}
	if t.Status[pipeline.Written]+t.Status[pipeline.Edited]+t.Status[pipeline.Unchanged] > 0 {
		switch {
		case t.Removed > 0 && t.Status[pipeline.Edited] > 0:
			p.line("%d values removed or coarsened; each file was read again before its journal was wiped.", t.Removed)
		case t.Removed > 0:
			p.line("%d values removed or coarsened; each copy was read again before it got its name.", t.Removed)
		}
		if p.removed {
			p.line("Copyright or artist lines were removed; --keep copyright keeps them.")
		}
		if p.o.Tracks {
			p.line("Not checked: what the way itself tells, the account you post from.")
		} else {
			p.line("Not checked: what can be seen or heard, text burnt into the picture, sensor fingerprints, the account you post from.")
		}
	}
	if n := t.Status[pipeline.Refused]; n > 0 && p.o.Tracks {
		p.line("%s refused: nothing was written for what could not be read. Originals are untouched.", Plural(n, "file"))
	} else if n > 0 && t.Status[pipeline.Inspected] == 0 {
		p.line("%s refused: nothing was written for what cannot be handled safely. Originals are untouched.", Plural(n, "file"))
	}
}

// classes says how many files hold what.
func (p *textPrinter) classes(t pipeline.Totals) {
	for _, c := range privacy.Classes {
		if n := t.Classes[c]; n > 0 && c != privacy.Technical && c != privacy.Exposure {
			p.line("    %-11s in %s", c, Plural(n, "file"))
		}
	}
}

// Plural counts things: "1 file", "2 files".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
