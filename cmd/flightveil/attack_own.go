package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"flightveil/cmd/internal/ui"
	"flightveil/geofuzz/attack"
	"flightveil/internal/geo"
	"flightveil/internal/pipeline"
)

// maxSearched bounds the files whose bytes are searched.
const maxSearched = 512 << 20

// runAttackOwn tries the attacks on files that the pilot wants to share.
func runAttackOwn(ctx context.Context, o attackOptions, args []string, s streams) error {
	switch {
	case o.Home == "":
		return usageError{withHint(errors.New("--home is missing"), "flightveil zone add makes a zone around your home; without tracks, the bench is run")}
	case len(args) == 0:
		return usageError{errors.New("--home: name the tracks to try")}
	case o.Full || o.Maps != "" || o.HTML != "":
		return usageError{errors.New("--full, --maps and --html are for the bench, without tracks")}
	}
	home, err := o.home(s)
	if err != nil {
		return err
	}
	keychains, err := o.load()
	if err != nil {
		return err
	}
	sources, closer := pipeline.Gather(args)
	defer closer.Close()
	if err := missing(sources); err != nil {
		return err
	}
	profile, err := (&policyFlags{Profile: "everything"}).profile()
	if err != nil {
		return err
	}
	r := newRunner(profile, 1, keychains...)
	var files []attack.File
	var traces []string
	refused := 0
	for i := range sources {
		if err := ctx.Err(); err != nil {
			return err
		}
		src := &sources[i]
		found, err := search(src, home)
		if err != nil {
			fmt.Fprintf(s.Err, "flightveil: %s: %v\n", ui.Printable(src.Label), err)
			refused++
			continue
		}
		for _, t := range found {
			traces = append(traces, fmt.Sprintf("%s at byte %d as %s", ui.Printable(src.Label), t.Offset, t.As))
		}
		track, serials, err := r.Track(ctx, src)
		if err != nil {
			fmt.Fprintf(s.Err, "flightveil: %s: %v\n", ui.Printable(src.Label), err)
			refused++
			continue
		}
		name := filepath.Base(src.Rel)
		files = append(files, attack.File{Name: name[:len(name)-len(filepath.Ext(name))], Serials: serials, Samples: track})
	}
	if len(files) == 0 {
		return errors.New("none of these files is a track")
	}
	findings := attack.Own(files, home)
	a12 := attack.Finding{ID: "A12", Attack: "home in the bytes of the files", Found: len(traces) > 0}
	if a12.Found {
		a12.Note = traces[0]
	}
	findings = append(findings, a12)
	if err := ownReport(s.Out, o.JSON, len(files), findings); err != nil {
		return err
	}
	switch {
	case slices.ContainsFunc(findings, located):
		return errFound
	case refused > 0:
		return errIncomplete
	}
	return nil
}

// home is where the zone's home is. It is never printed.
func (o *attackOptions) home(s streams) (geo.Point, error) {
	r, err := o.openRing(s)
	if err != nil {
		return geo.Point{}, err
	}
	defer r.Close()
	z, err := r.Zones.Get(o.Home)
	if err != nil {
		return geo.Point{}, noZone(o.Home, r)
	}
	return z.Home, nil
}

// search looks for home in the bytes of a file.
func search(src *pipeline.Source, home geo.Point) ([]attack.Trace, error) {
	in, file, err := src.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if in.Size() > maxSearched {
		return nil, fmt.Errorf("%d bytes are too many to search", in.Size())
	}
	b := make([]byte, in.Size())
	if _, err := in.ReadAt(b, 0); err != nil && err != io.EOF {
		return nil, err
	}
	return attack.Traces(b, []geo.Point{home}), nil
}

// located reports whether an attack found home.
func located(f attack.Finding) bool {
	switch f.ID {
	case "A9", "A12":
		return f.Found
	case "A16":
		return f.Note != ""
	}
	return f.Found && f.Metres <= attack.Near
}

func ownReport(w io.Writer, asJSON bool, files int, findings []attack.Finding) error {
	if asJSON {
		enc := json.NewEncoder(w)
		for _, f := range findings {
			if err := enc.Encode(struct {
				Type string `json:"type"`
				attack.Finding
				Home bool `json:"home_found"`
			}{"own", f, located(f)}); err != nil {
				return err
			}
		}
		return nil
	}
	fmt.Fprintf(w, "%d tracks, as whoever gets them sees them\n", files)
	for _, f := range findings {
		answer := "nothing to go by"
		switch {
		case f.ID == "A9" || f.ID == "A12":
			answer = "nothing found"
			if f.Found {
				answer = "FOUND"
			}
		case f.Found && f.ID == "A16":
			answer = fmt.Sprintf("%.0f m north or south of home", f.Metres)
		case f.Found:
			answer = fmt.Sprintf("%.0f m from home", f.Metres)
		}
		mark := " "
		if located(f) {
			mark = "!"
		}
		fmt.Fprintf(w, "%s %-4s %-50s %s\n", mark, f.ID, f.Attack, answer)
		if f.Note != "" {
			fmt.Fprintf(w, "       %s\n", f.Note)
		}
	}
	fmt.Fprintf(w, "An attack that comes within %.0f m has found home. With --location near that happens by chance: to one place in twenty, at the usual epsilon.\n"+
		"Not tried: streets that a track follows, terrain, what photos and videos show.\n", attack.Near)
	return nil
}
