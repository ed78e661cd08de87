package share

import (
	"fmt"
	"slices"
	"strings"

	"flightveil/internal/privacy"
)

// remains says what is still in the export, and what of the inputs is not.
func (rep *reporter) remains(o Options) {
	add := func(files int, what, why string) {
		rep.Remains = append(rep.Remains, Remain{What: what, Why: why, Files: files})
	}
	media := rep.Summary.Photos + rep.Summary.Videos
	if media > 0 {
		add(media, "what the pictures show", "flightveil does not look at pixels or listen to sound: a house, a number plate or a voice can tell where it was")
	}
	if rep.Summary.Tracks > 0 {
		if o.Mooring != nil {
			add(rep.Summary.Tracks, "the shape of the flights", "a track along streets, a coast or a power line can be found again by its shape")
		} else if o.Chosen.Logs == "keep" {
			add(rep.Summary.Tracks, "where the flights were", "the profile keeps positions: a track begins where the aircraft took off")
		}
	}
	for _, f := range rep.Findings {
		switch c := privacy.Class(f.Class); {
		case f.Kept == 0 || c == privacy.Exposure || c == privacy.Stream:
		case c == privacy.Audio:
			add(0, "sound", "it is what a video is for; --drop audio takes it out")
		default:
			add(f.Files, f.Words, "profile "+o.Chosen.Profile+" keeps it")
		}
	}
	for _, f := range rep.Findings {
		moved := o.Mooring != nil && (f.Class == string(privacy.Location) || f.Class == string(privacy.Operator)) // told above
		if f.Coarsened > 0 && !moved {
			add(f.Files, f.Words+", roughly", "rounded as profile "+o.Chosen.Profile+" says")
		}
	}
	if o.Chosen.Names == "keep" && rep.Summary.Written > 0 {
		add(rep.Summary.Written, "names of files and folders", "--names keep or the profile keeps them; they may carry dates, places and people")
	}
	notes := map[string]int{}
	var order []string
	for _, f := range rep.Files {
		if f.Output == "" {
			continue
		}
		for _, n := range f.Notes {
			if strings.Contains(n, "stay") && notes[n] == 0 {
				order = append(order, n)
			}
			notes[n]++
		}
	}
	for _, n := range order {
		add(notes[n], n, "the picture would not be what it is without")
	}
	rep.missing(add)
}

// missing says which inputs are not in the export, by reason.
func (rep *reporter) missing(add func(files int, what, why string)) {
	type key struct{ status, reason string }
	counts := map[key]int{}
	var order []key
	for _, f := range rep.Files {
		if f.Status == StatusLeftOut || f.Status == "refused" || f.Status == "failed" {
			k := key{f.Status, f.Reason}
			if counts[k] == 0 {
				order = append(order, k)
			}
			counts[k]++
		}
	}
	slices.SortStableFunc(order, func(a, b key) int { return counts[b] - counts[a] })
	for _, k := range order {
		add(counts[k], "not in the export: "+plural(counts[k], "file")+" "+k.status, k.reason)
	}
}

// words fills in the sentences that every report ends with.
func (rep *reporter) words(o Options) {
	w, v := &rep.Words, rep.Verification
	readers := append(slices.Clone(v.Readers), "a byte search")
	switch {
	case rep.DryRun:
		w.Checked = "Nothing was written yet."
	case len(v.Left) > 0:
		w.Checked = fmt.Sprintf("%s that should be gone was found in the export: do not share it.", plural(len(v.Left), "thing"))
	case rep.Summary.Written == 0:
		w.Checked = "Nothing was written."
	case v.Values == 0:
		w.Checked = "There was no value to remove that could be searched for."
	default:
		w.Checked = fmt.Sprintf("None of the %d removed values was found again by %s.", v.Values, list(readers))
	}
	w.NotChecked = "Not checked: what can be seen or heard, text burnt into the picture, sensor fingerprints, the account you post from."
	w.NotGiven = []string{"who recognises a place, a voice or a face in a picture knows where it was", "two exports of one card can be told to be of the same card by their pictures"}
	if rep.Summary.Tracks > 0 && o.Mooring != nil {
		g := o.Mooring.Guarantee()
		w.Displaced = "The tracks are displaced, not the real place."
		w.Promise = g.Promise
		w.NotGiven = append(w.NotGiven, g.NotGiven)
	}
	if rep.Summary.Tracks > 0 && media(rep) && !o.Chosen.PixelsReviewed && o.Mooring != nil {
		w.NotGiven = append(w.NotGiven, "photos and tracks have no clock, no order and no name in common; but who knows the place from a picture, and has only one track, knows where that was flown")
	}
}

func media(rep *reporter) bool { return rep.Summary.Photos+rep.Summary.Videos > 0 }
