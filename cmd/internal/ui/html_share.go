package ui

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"
	"flightveil/internal/share"
)

// ShareHTML writes the report of a shared card as one HTML page. What a public
// report does not hold, the page cannot show; a private one shows tracks before
// and after, and the names of originals.
func ShareHTML(w io.Writer, r *share.Report) error {
	s := r.Summary
	p := &page{
		Title: pipeline.PageTitle, Kicker: "report on a shared card", Heading: shareHeading(r), Lede: r.Words.Checked, State: shareState(r),
		FlightsTitle: "Flights", FlightsWords: "Each track as it leaves. The colour of the line tells the height.",
		FilesWords: "What became of each input.",
		Footer:     append([]string{r.Tool + "."}, pageFooter...),
	}
	if r.Private {
		p.Title, p.Kicker = "Private report on a shared card", "private report on a shared card"
		p.Notice = "Private: this page shows where the flights really were and maps new names to old ones. Keep it to yourself."
		p.FlightsWords = "Each track as it was flown and as it leaves. The colour of the line tells the height."
	}
	for _, t := range []struct {
		label string
		n     int
		show  bool
	}{
		{"folders", s.Flights, s.Flights > 0}, {"photos", s.Photos, true}, {"videos", s.Videos, s.Videos > 0}, {"tracks", s.Tracks, s.Tracks > 0},
		{"captions, sidecars, thumbnails", s.Others, s.Others > 0}, {"values removed or coarsened", s.Removed, true}, {"inputs not in the export", notIn(s), true},
	} {
		if t.show {
			p.Tiles = append(p.Tiles, fact{t.label, count(t.n)})
		}
	}
	p.Cards = []pageCard{
		{"did", "ok", map[bool]string{true: "What would be done", false: "What was done"}[r.DryRun], shareDone(r)},
		{"stays", "eye", "What remains, and why", shareRemains(r)},
		{"not", "bad", "What this does not protect against", shareLimits(r)},
	}
	for i, f := range r.Flights {
		v := shareFlight(fmt.Sprintf("f%d", i+1), f, r)
		p.Flights = append(p.Flights, v)
		if len(v.Maps) == 0 {
			p.Folders = append(p.Folders, v)
		}
	}
	p.Findings = shareFindings(r)
	p.Checks = shareChecks(r)
	p.Groups = shareFiles(r)
	return p.write(w)
}

func notIn(s share.Summary) int { return s.LeftOut + s.Refused + s.Failed + s.Skipped }

func shareHeading(r *share.Report) string {
	n := r.Summary.Written
	switch {
	case r.DryRun:
		return "A plan: nothing is written yet"
	case len(r.Verification.Left) > 0:
		return "Do not hand this over yet"
	case n == 0:
		return "Nothing was written"
	case n == 1:
		return "1 file to hand over"
	}
	return count(n) + " files to hand over"
}

func shareState(r *share.Report) *state {
	s := r.Summary
	var gone []string
	for _, g := range []struct {
		n    int
		what string
	}{{s.LeftOut, "left out"}, {s.Refused, "refused"}, {s.Failed, "failed"}} {
		if g.n > 0 {
			gone = append(gone, count(g.n)+" "+g.what)
		}
	}
	if s.Damaged > 0 {
		gone = append(gone, count(s.Damaged)+" damaged and written in part")
	}
	switch left := len(r.Verification.Left); {
	case left > 0:
		return &state{"bad", counted(left, "value") + " that should be gone can still be found"}
	case len(gone) > 0:
		return &state{"warn", "Look at what is not in it: " + strings.Join(gone, ", ")}
	case r.DryRun:
		return &state{"plain", "This is what a run would do"}
	}
	return &state{"ok", "Every file was read again after it was written"}
}

// shareDone says in sentences what the options did.
func shareDone(r *share.Report) []cardItem {
	o, s := r.Options, r.Summary
	var out []cardItem
	add := func(head, text string) { out = append(out, cardItem{Head: head, Text: text}) }
	if s.Photos+s.Videos > 0 || r.DryRun {
		text := map[string]string{
			"strip": "Positions were taken out. Pictures and sound are as they were, bit for bit.", "keep": "Positions were kept, as the profile says.",
			"cell": "Positions were rounded to a cell of the map.", "zero": "Positions were moved together with the track.",
			"near": "Positions were moved together with the track.", "zone": "Positions inside your zones were taken out.",
		}[o.Media]
		add("Photos and videos", text)
	}
	if s.Tracks > 0 || r.DryRun {
		text := map[string]string{
			"strip": "Written without positions.", "keep": "Written where they were flown, as the profile says.", "cell": "Positions were rounded to a cell of the map.",
			"zero": "Moved to the open sea: shape, heights and speeds are as flown, the place is not.", "near": "Moved by a secret distance: shape, heights and speeds are as flown, the place is not.",
			"zone": "What lies inside your zones was cut off.",
		}[o.Logs]
		add("Flight logs, as "+strings.ToUpper(o.LogFormat), text)
	}
	add("Times", map[string]string{
		"rebase": "Taken out of pictures; tracks have a clock of their own.", "day": "Only the day is left.", "keep": "Kept, as the profile says.",
	}[o.Time])
	add("Names of files and folders", map[string]string{"new": "Given anew: the old ones carry dates and counters.", "keep": "Kept."}[o.Names])
	if o.Sealed {
		add("Encrypted", "Each file was sealed as soon as it was verified.")
	}
	if o.PixelsReviewed {
		add("Pictures reviewed", "You said that no picture shows where it was taken.")
	}
	return slices.DeleteFunc(out, func(i cardItem) bool { return i.Text == "" })
}

func shareRemains(r *share.Report) []cardItem {
	var out []cardItem
	for _, m := range r.Remains {
		head := sentence(m.What)
		if m.Files > 0 && !strings.Contains(m.What, " file") {
			head += " (" + counted(m.Files, "file") + ")"
		}
		out = append(out, cardItem{Head: head, Text: sentence(m.Why)})
	}
	if len(out) == 0 {
		out = append(out, cardItem{Text: "Nothing that the profile takes out."})
	}
	return out
}

func shareLimits(r *share.Report) []cardItem {
	var out []cardItem
	for _, s := range append([]string{r.Words.NotChecked}, r.Words.NotGiven...) {
		if s != "" {
			out = append(out, cardItem{Text: sentence(s)})
		}
	}
	return out
}

func shareFlight(id string, f share.Flight, r *share.Report) flightView {
	v := flightView{ID: id, Name: f.Name}
	var what []string
	for _, n := range []struct {
		n    int
		noun string
	}{{f.Photos, "photo"}, {f.Videos, "video"}, {f.Logs, "track"}, {f.Others, "other file"}} {
		if n.n > 0 {
			what = append(what, counted(n.n, n.noun))
		}
	}
	v.What = strings.Join(what, ", ")
	switch {
	case f.Fallback != "":
		v.What += ". Photos and videos were stripped: " + f.Fallback
	case f.Together:
		v.What += ". Pictures and track were moved together: one displacement, one shift of time, one base of heights"
	}
	if r.Private && f.Clock != "" {
		v.What += ". " + sentence(f.Clock)
	}
	metres := func(label string, m *float64, unit string) {
		if m != nil {
			text := distance(*m)
			if unit != "" {
				text = fmt.Sprintf("%.1f %s", *m, unit)
			}
			v.Facts = append(v.Facts, fact{label, text})
		}
	}
	if f.Duration > 0 {
		v.Facts = append(v.Facts, fact{"in the air", minutes(f.Duration) + " min"})
	}
	metres("flown", f.Distance, "")
	metres("from take-off, at most", f.Farthest, "")
	metres("greatest height", f.MaxHeight, "")
	metres("greatest speed", f.MaxSpeed, "m/s")
	add := func(suffix, name string, points []share.TrackPoint, tag *state, caption string) {
		if len(points) < 2 {
			return
		}
		m := drawMap(id+suffix, points)
		m.Title, m.Tag, m.Caption = "Track of "+f.Name+" "+name, tag, caption
		v.Maps = append(v.Maps, m)
	}
	if r.Private {
		add("b", "as it was flown", f.Before, &state{"bad", "As flown: the real place"}, begins(f.Before))
	}
	after := &state{"warn", "The real place"}
	if f.MovedNote != "" {
		after = &state{"ok", sentence(f.MovedNote)}
	}
	caption := ""
	if r.Private {
		caption = begins(f.Track)
	}
	add("a", "as it leaves", f.Track, after, caption)
	if len(v.Maps) > 0 {
		v.Plots = profiles(id, f.Track)
	}
	return v
}

// begins says where a track begins, for private reports.
func begins(points []share.TrackPoint) string {
	if len(points) == 0 {
		return ""
	}
	return fmt.Sprintf("Begins at %.5f, %.5f.", points[0].Lat, points[0].Lon)
}

func shareFindings(r *share.Report) *findingsTable {
	t := &findingsTable{Title: "What the originals give away", Words: "How often each kind of thing was found, and what became of it in the copies. What is in neither column is in files that do not leave.",
		Head: []column{{"It tells", false}, {"Files", true}, {"Found", true}, {"Removed", true}, {"Coarsened", true}, {"Kept", true}}}
	n := func(v int) cell { return cell{Text: count(v), Number: true, Zero: v == 0} }
	for _, f := range r.Findings {
		if f.Found > 0 {
			t.Rows = append(t.Rows, findingRow{Words: classWords(f.Class, f.Words), Class: f.Class, Cells: []cell{n(f.Files), n(f.Found), n(f.Removed), n(f.Coarsened), n(f.Kept)}})
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}

// classWords names a class in a pilot's words.
func classWords(class, words string) string {
	if words != "" {
		return sentence(words)
	}
	if w := map[privacy.Class]string{privacy.Exposure: "How the picture was exposed"}[privacy.Class(class)]; w != "" {
		return w
	}
	return sentence(class)
}

func shareChecks(r *share.Report) *checks {
	if r.DryRun {
		return nil
	}
	v := r.Verification
	c := &checks{Kind: "good", Icon: "ok", Words: "The program that writes is not trusted: other readers and a search for the bytes look at every copy.", Lines: []string{r.Words.Checked}}
	if v.Again > 0 {
		c.Lines = append(c.Lines, counted(v.Again, "file")+" of the finished export were recognised and read once more from the beginning.")
	}
	if v.Sealed > 0 {
		c.Lines = append(c.Lines, counted(v.Sealed, "file")+" were read again before they were encrypted.")
	}
	c.Lines = append(c.Lines, r.Words.NotChecked)
	if len(v.Left) > 0 {
		c.Kind, c.Icon = "poor", "bad"
	}
	for _, l := range v.Left {
		c.Left = append(c.Left, leftRow{l.Output, l.Class, l.Path, l.As})
	}
	return c
}

// shareFiles lists the files of each flight, then what is not in the export.
func shareFiles(r *share.Report) []fileGroup {
	var order []string
	groups := map[string][][]string{}
	missing := map[string]int{} // without names, in a public report
	var lost [][]string
	for _, f := range r.Files {
		if f.Output == "" && f.Status != "planned" {
			if r.Private {
				lost = append(lost, []string{f.Original, f.Kind, f.Status + ": " + f.Reason})
			} else {
				missing[f.Kind+"\x00"+f.Status+": "+f.Reason]++
			}
			continue
		}
		name := f.Flight
		if name == "" {
			name = "Other files"
			if f.Kind == "log" {
				name = "Tracks"
			}
		}
		if !slices.Contains(order, name) {
			order = append(order, name)
		}
		row := []string{f.Output, f.Kind, fileFate(f)}
		if r.Private {
			row = append(row, f.Original)
		}
		groups[name] = append(groups[name], row)
	}
	head := []string{"New name", "Kind", "What became of it"}
	if r.Private {
		head = append(head, "Original")
	}
	slices.Sort(order)
	var out []fileGroup
	for _, name := range order {
		rows := groups[name]
		slices.SortFunc(rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
		out = append(out, fileGroup{Name: name, Words: counted(len(rows), "file"), Head: head, Rows: rows})
	}
	switch {
	case len(lost) > 0:
		out = append(out, fileGroup{Name: "Not in the export", Words: counted(len(lost), "file"), Head: []string{"Original", "Kind", "Why"}, Rows: lost})
	case len(missing) > 0:
		g := fileGroup{Name: "Not in the export", Head: []string{"How many", "Kind", "Why"}, More: "Names are not told here: they may carry dates, places and people."}
		n := 0
		for k, v := range missing {
			kind, why, _ := strings.Cut(k, "\x00")
			g.Rows = append(g.Rows, []string{count(v), kind, why})
			n += v
		}
		g.Words = counted(n, "file")
		slices.SortFunc(g.Rows, func(a, b []string) int { return strings.Compare(a[1]+a[2], b[1]+b[2]) })
		out = append(out, g)
	}
	return out
}

// fileFate says what became of a file that was written.
func fileFate(f share.File) string {
	text := f.Status
	switch {
	case f.Removed > 0:
		text = counted(f.Removed, "value") + " removed or coarsened"
	case f.Status == "written" || f.Status == "unchanged":
		text = "nothing to remove"
	}
	if f.Kind == "log" && f.Positions > 0 {
		text += ", " + counted(f.Positions, "position")
	}
	if f.Damaged {
		text += ", part of the original could not be read"
	}
	for _, n := range f.Notes {
		text += "; " + n
	}
	return text
}
