package ui

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"flightveil/internal/privacy"
	"flightveil/internal/share"
)

// A ShareResult is what the terminal page says beside the report.
type ShareResult struct {
	Cards           []string // whose cards the inputs look like
	Output          string
	Report, Private string // where the reports are, empty if they are not
	Page            string // where the HTML page is
}

// SharePage writes what a pilot wants to know about a shared card: what was
// found, what was done, what remains, and what this does not protect against.
// It names originals: it is for the pilot's own terminal.
func SharePage(w io.Writer, r *share.Report, o Options, at ShareResult) {
	p := &sharePage{textPrinter{w: w, o: o}, r}
	p.found(at.Cards)
	p.done(at)
	p.leftOut()
	p.remains()
	p.words()
	if at.Report != "" {
		p.line("")
		p.line("%s can be shown to others: it has counts and new names.", Printable(at.Report))
	}
	if at.Page != "" {
		p.line("%s shows the same as a page.", Printable(at.Page))
	}
	if at.Private != "" {
		p.line("%s maps new names to old ones: keep it to yourself.", Printable(at.Private))
	}
}

type sharePage struct {
	textPrinter
	r *share.Report
}

func (p *sharePage) heading(s string) {
	p.line("")
	p.line("%s", p.paint(bold, s))
}

func (p *sharePage) found(cards []string) {
	where := ""
	if len(cards) > 0 {
		where = " that look like a " + strings.Join(cards, " and ") + " card"
	}
	s := p.r.Summary
	p.line("%s%s: %s, %s, %s", Plural(s.Inputs, "file"), where, Plural(s.Photos, "photo"), Plural(s.Videos, "video"), Plural(s.Tracks, "flight log"))
	any := false
	for _, f := range p.r.Findings {
		if c := privacy.Class(f.Class); c == privacy.Exposure || f.Words == "" || f.Found == 0 {
			continue
		}
		if !any {
			p.heading("What they give away")
			any = true
		}
		p.line("  %-56s in %-10s %s", f.Words, Plural(f.Files, "file"), p.fate(f))
	}
}

// fate says what became of a class of findings.
func (p *sharePage) fate(f share.Found) string {
	var out []string
	for _, part := range []struct {
		n           int
		word, color string
	}{{f.Removed, "removed", green}, {f.Coarsened, "moved or rounded", green}, {f.Kept, "kept", yellow}} {
		if part.n > 0 {
			out = append(out, p.paint(part.color, part.word))
		}
	}
	if len(out) == 0 {
		return "not in the export"
	}
	return strings.Join(out, ", ")
}

func (p *sharePage) done(at ShareResult) {
	s := p.r.Summary
	switch {
	case p.r.DryRun:
		p.heading("What would be done")
	default:
		p.heading("What was done")
	}
	verb := "written"
	if p.r.DryRun {
		verb = "to write"
	}
	to := ""
	if at.Output != "" {
		to = " → " + Printable(at.Output)
	}
	sealed := ""
	if p.r.Options.Sealed {
		sealed = ", each sealed"
	}
	p.line("  %s %s%s%s (%s)", Plural(s.Written, "file"), verb, sealed, to, Bytes(s.Bytes))
	shown := p.r.Flights
	if !p.o.Verbose && len(shown) > shownFlights {
		shown = shown[:shownFlights]
	}
	for _, f := range shown {
		p.line("  %-11s %s", f.Name, p.contents(f))
	}
	if more := len(p.r.Flights) - len(shown); more > 0 {
		p.line("  and %d more flights and tracks (-v names them)", more)
	}
	if p.r.DryRun || p.o.Verbose {
		for _, f := range p.r.Files {
			if f.Output != "" {
				p.line("    %s → %s", Printable(f.Label), Printable(p.r.Stored(f.Output)))
			}
		}
	}
}

func (p *sharePage) contents(f share.Flight) string {
	var out []string
	for _, part := range []struct {
		n    int
		noun string
	}{{f.Photos, "photo"}, {f.Videos, "video"}, {f.Others, "other file"}} {
		if part.n > 0 {
			out = append(out, Plural(part.n, part.noun))
		}
	}
	if f.Logs > 0 {
		log := "a track"
		if f.Logs > 1 {
			log = fmt.Sprintf("%d tracks", f.Logs)
		}
		if f.Distance != nil && f.Duration > 0 {
			log += fmt.Sprintf(" of %.0f m in %.0f s", *f.Distance, f.Duration)
		}
		if f.MovedNote != "" {
			log += ", " + f.MovedNote
		}
		out = append(out, log)
	}
	text := strings.Join(out, ", ")
	if f.Fallback != "" {
		text += "; " + f.Fallback
	}
	if f.With != "" {
		text += "; flown with the pictures of " + f.With + ", which the export does not say"
	}
	if f.Clock != "" {
		text += "; " + f.Clock
	}
	return text
}

// shownFlights is how many flights and tracks are shown, without -v.
const shownFlights = 24

// shownPerReason is how many names are shown for one reason, without -v.
const shownPerReason = 5

// leftOut names what is not in the export, by reason.
func (p *sharePage) leftOut() {
	type group struct {
		status, reason string
		names          []string
	}
	var groups []*group
	for _, f := range p.r.Files {
		if f.Output != "" && !f.Damaged {
			continue
		}
		status, reason := f.Status, f.Reason
		if f.Output != "" {
			status, reason = "incomplete", "damaged: what could be read was written"
		}
		i := slices.IndexFunc(groups, func(g *group) bool { return g.status == status && g.reason == reason })
		if i < 0 {
			i = len(groups)
			groups = append(groups, &group{status: status, reason: reason})
		}
		groups[i].names = append(groups[i].names, f.Label)
	}
	if len(groups) == 0 {
		return
	}
	p.heading("What is not in the export")
	slices.SortStableFunc(groups, func(a, b *group) int { return len(b.names) - len(a.names) })
	for _, g := range groups {
		color := yellow
		if g.status == "refused" || g.status == "failed" {
			color = red
		}
		p.line("  %s, %s: %s", Plural(len(g.names), "file"), p.paint(color, g.status), g.reason)
		shown := g.names
		if !p.o.Verbose && len(shown) > shownPerReason {
			shown = shown[:shownPerReason]
		}
		for _, n := range shown {
			p.line("    %s", Printable(n))
		}
		if more := len(g.names) - len(shown); more > 0 {
			p.line("    and %d more (-v names them)", more)
		}
	}
}

func (p *sharePage) remains() {
	if len(p.r.Remains) == 0 {
		return
	}
	p.heading("What remains, and why")
	for _, r := range p.r.Remains {
		if strings.HasPrefix(r.What, "not in the export") {
			continue
		}
		p.line("  %s: %s", r.What, r.Why)
	}
}

func (p *sharePage) words() {
	v, w := p.r.Verification, p.r.Words
	p.heading("Checked")
	p.line("  %s", w.Checked)
	if v.Again > 0 {
		p.line("  %s of the finished export read once more: %s.", Plural(v.Again, "file"), map[bool]string{true: "nothing is left in them", false: p.paint(red, "something is left")}[len(v.Left) == 0])
	}
	if v.Sealed > 0 {
		p.line("  %s read again before they were sealed.", Plural(v.Sealed, "file"))
	}
	for _, l := range v.Left {
		p.line("  %s: %s %s (%s)", p.paint(red, Printable(l.Output)), l.Class, l.Path, l.As)
	}
	p.line("  %s", w.NotChecked)
	p.heading("What this does not protect against")
	for _, n := range w.NotGiven {
		p.line("  %s", n)
	}
}
