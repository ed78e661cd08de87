package ui

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"
	"flightveil/internal/share"
)

// An InspectPage collects what files give away and writes it as one HTML page.
// Values and tracks are on it only if Options.Values says so; the names of the
// files always are, as on the terminal.
type InspectPage struct {
	o      Options
	args   string
	files  []fileGroup
	more   int // files that are counted only
	lost   [][]string
	tracks []flightView
	of     map[privacy.Class]*classSum
}

// classSum is what all files tell about one class.
type classSum struct {
	files, values int
	exact         float64 // metres: the most exact position
	seen          []string
}

// Bounds of the page: a card of thousands of pictures must still open in a browser.
const (
	maxPageFiles  = 1000
	maxPageTracks = 40
	maxPageValues = 5 // of a class
)

// NewInspectPage returns an empty page. args is what to type for the same
// files, quoted for a shell.
func NewInspectPage(o Options, args string) *InspectPage {
	return &InspectPage{o: o, args: args, of: map[privacy.Class]*classSum{}}
}

// File takes in one outcome.
func (p *InspectPage) File(o pipeline.Outcome) {
	name := Printable(o.Source.Label)
	if o.Status != pipeline.Inspected {
		p.lost = append(p.lost, []string{name, string(o.Status), o.Why()})
		return
	}
	if o.Keyless {
		p.lost = append(p.lost, []string{name, "read in part", "encrypted by its maker, and no key was given"})
	}
	p.count(o)
	p.track(name, o)
	if len(p.files) == maxPageFiles {
		p.more++
		return
	}
	told := pipeline.Tell(o.Findings)
	g := fileGroup{Name: name, Words: pipeline.Verdict(told), Head: []string{"What", "Class", "Where in the file"}, More: strings.Join(o.Notes, "; ")}
	if p.o.Values {
		g.Head = append(g.Head, "Value")
	}
	for _, t := range told {
		if t.Class == privacy.Exposure && !p.o.Verbose {
			continue
		}
		row := []string{t.What, string(t.Class), strings.TrimPrefix(copies(t), ": ")}
		row[2] = strings.TrimPrefix(row[2], ", ")
		if p.o.Values {
			row = append(row, strings.TrimPrefix((&textPrinter{o: p.o}).values(t), " = "))
		}
		g.Rows = append(g.Rows, row)
	}
	p.files = append(p.files, g)
}

// count adds the findings of a file to the sums of their classes.
func (p *InspectPage) count(o pipeline.Outcome) {
	here := map[privacy.Class]bool{}
	for _, j := range o.Findings {
		s := p.of[j.Class]
		if s == nil {
			s = &classSum{exact: math.Inf(1)}
			p.of[j.Class] = s
		}
		if !here[j.Class] {
			here[j.Class] = true
			s.files++
		}
		s.values += max(1, j.Count)
		if j.Where != nil {
			s.exact = math.Min(s.exact, pipeline.Precision(*j.Where))
		}
		if v := shorten(j.Value.Reveal()); p.o.Values && v != "" && len(s.seen) <= maxPageValues && !slices.Contains(s.seen, Printable(v)) {
			s.seen = append(s.seen, Printable(v))
		}
	}
}

// track draws what a log tells.
func (p *InspectPage) track(name string, o pipeline.Outcome) {
	if !p.o.Values || o.Flown == nil || len(o.Flown.Points) < 2 || len(p.tracks) == maxPageTracks {
		return
	}
	f := share.Flight{Name: name, Logs: 1}
	f.Draw(o.Flown)
	v := shareFlight(fmt.Sprintf("t%d", len(p.tracks)+1), f, &share.Report{})
	v.What = counted(o.Flown.Positions, "position")
	for i := range v.Maps {
		v.Maps[i].Title, v.Maps[i].Tag, v.Maps[i].Caption = "Track of "+name, &state{"bad", "The real place"}, begins(f.Track)
	}
	p.tracks = append(p.tracks, v)
}

// Write renders the page. t counts all outcomes; tool names the program.
func (p *InspectPage) Write(w io.Writer, t pipeline.Totals, tool string) error {
	n := func(c privacy.Class) int {
		if s := p.of[c]; s != nil {
			return s.files
		}
		return 0
	}
	read := t.Status[pipeline.Inspected]
	page := &page{
		Title: "What these files give away", Kicker: "inspection report", Heading: "What " + counted(read, "file") + " give away",
		Lede:         "Read only: nothing was changed, nothing was written but this page.",
		FlightsTitle: "Flights", FlightsWords: "Each track as its log tells it. The colour of the line tells the height.", Flights: p.tracks,
		FilesWords: "Open a line to see what the file tells and where that is written in it.", Groups: p.files,
		Footer: append([]string{tool + ". Names of files and folders on this page are the original ones: they may tell a date, a place or a person."}, pageFooter...),
	}
	if read == 1 {
		page.Heading = "What 1 file gives away"
	}
	personal := []privacy.Class{privacy.Location, privacy.Operator, privacy.Identity}
	switch {
	case slices.ContainsFunc(personal, func(c privacy.Class) bool { return n(c) > 0 }):
		page.State = &state{"warn", "Read this before you share them"}
	case read == 0:
		page.State = &state{"warn", "Nothing could be read"}
	default:
		page.State = &state{"ok", "No place, person or device was found in what could be read"}
	}
	if p.o.Values {
		page.Notice = "Private: this page shows positions, names and serial numbers as they are in the files. Keep it to yourself."
	}
	page.Tiles = []fact{{"files read", count(read)}, {"tell where it was", count(n(privacy.Location))}, {"tell where the pilot stood", count(n(privacy.Operator))},
		{"tell who or which device", count(n(privacy.Identity))}, {"tell when", count(n(privacy.Time))}, {"not read, with system files", count(t.Files - read)}}
	page.Cards = []pageCard{
		{"stays", "stay", "What they tell first of all", p.first(read)},
		{"next", "next", "What you can do", p.next()},
		{"not", "bad", "What this page does not see", p.unseen(t)},
	}
	page.Findings = p.findings()
	if p.more > 0 {
		page.Groups = append(page.Groups, fileGroup{Name: "More files", Words: counted(p.more, "file") + " are in the numbers above and not listed", Head: []string{"Files"}})
	}
	if len(p.lost) > 0 {
		page.Groups = append(page.Groups, fileGroup{Name: "Not read", Words: counted(len(p.lost), "file"), Head: []string{"File", "What happened", "Why"}, Rows: p.lost})
	}
	return page.write(w)
}

// first lists what matters most, with how many files tell it.
func (p *InspectPage) first(read int) []cardItem {
	var out []cardItem
	for _, c := range []privacy.Class{privacy.Location, privacy.Operator, privacy.Place, privacy.Identity, privacy.Copyright, privacy.Time} {
		s := p.of[c]
		if s == nil {
			continue
		}
		text := fmt.Sprintf("In %s of %s files", count(s.files), count(read))
		if !math.IsInf(s.exact, 1) {
			text += ", as exact as " + exactness(s.exact)
		}
		out = append(out, cardItem{Head: classWords(string(c), pipeline.Phrase(c)), Text: text})
	}
	if len(out) == 0 {
		out = append(out, cardItem{Text: "No place, name, serial number or time was found."})
	}
	return out
}

// exactness says how small a place is, in things that everybody knows.
func exactness(metres float64) string {
	switch {
	case metres < 0.5:
		return "a hand's breadth"
	case metres < 3:
		return "one garden chair"
	case metres < 30:
		return "one house"
	case metres < 300:
		return "one street"
	case metres < 3000:
		return "one village"
	}
	return "one district"
}

func (p *InspectPage) next() []cardItem {
	out := []cardItem{
		{Head: "Make copies to hand over", Text: "Pictures stay as they are, what identifies you goes, each copy is verified.", Code: "flightveil share " + p.args + " -o out"},
		{Head: "Only clean photos and videos", Code: "flightveil scrub " + p.args + " -o clean"},
		{Head: "Only convert flight logs", Code: "flightveil convert " + p.args + " -o tracks"},
	}
	if !p.o.Values {
		out = append(out, cardItem{Head: "See the values themselves", Text: "This page hides them, so that it can be shown to others.", Code: "--show-values"})
	}
	return out
}

func (p *InspectPage) unseen(t pipeline.Totals) []cardItem {
	out := []cardItem{
		{Text: "What can be seen or heard: a house, a number plate, a face, a voice."},
		{Text: "Text burnt into the picture, and the fingerprint of the sensor."},
		{Text: "The account you post from, and what others know about you."},
	}
	if n := t.Status[pipeline.Refused] + t.Status[pipeline.Failed]; n > 0 {
		out = append(out, cardItem{Head: "What is in " + counted(n, "file") + " that could not be read", Text: "They are listed at the end."})
	}
	return out
}

func (p *InspectPage) findings() *findingsTable {
	t := &findingsTable{Title: "By kind", Words: "In how many files each kind of thing was found, and how often.", Head: []column{{"It tells", false}, {"Files", true}, {"Found", true}}}
	if p.o.Values {
		t.Head = append(t.Head, column{"For example", false})
	}
	for _, c := range privacy.Classes {
		s := p.of[c]
		if s == nil || c == privacy.Technical {
			continue
		}
		r := findingRow{Words: classWords(string(c), pipeline.Phrase(c)), Class: string(c), Cells: []cell{{Text: count(s.files), Number: true}, {Text: count(s.values), Number: true}}}
		if p.o.Values {
			text := strings.Join(s.seen[:min(len(s.seen), maxPageValues)], "; ")
			if len(s.seen) > maxPageValues {
				text += "; …"
			}
			r.Cells = append(r.Cells, cell{Text: text})
		}
		t.Rows = append(t.Rows, r)
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}
