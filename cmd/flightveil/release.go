package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"flightveil/geofuzz"
	"flightveil/internal/pipeline"

	"github.com/spf13/cobra"
)

// nearFlags say how near is near.
type nearFlags struct {
	Epsilon string
	Again   bool
}

func (o *nearFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.Epsilon, "epsilon", "", "how much near tells of the place: `NAME` "+either(geofuzz.EpsilonNames())+", or a number per metre (default "+geofuzz.DefaultEpsilon+")")
	f.BoolVar(&o.Again, "draw-again", false, "allow near to draw a place anew, with another epsilon: each draw weakens the others")
	cmd.RegisterFlagCompletionFunc("epsilon", cobra.FixedCompletions(geofuzz.EpsilonNames(), cobra.ShellCompDirectiveNoFileComp))
}

// near returns the draw that the flags ask for, without its key.
func (o *nearFlags) near() (*geofuzz.Near, error) {
	eps, err := geofuzz.ParseEpsilon(cmp.Or(o.Epsilon, geofuzz.DefaultEpsilon))
	if err != nil {
		return nil, usageError{fmt.Errorf("--epsilon: %w", err)}
	}
	return &geofuzz.Near{Epsilon: eps, Again: o.Again}, nil
}

// mooring returns where location moves flights to, nil if they stay. One near
// the place still needs the key.
func (o *nearFlags) mooring(location string) (geofuzz.Mooring, error) {
	if location != "near" && (o.Epsilon != "" || o.Again) {
		return nil, usageError{errors.New("--epsilon and --draw-again go with --location near")}
	}
	switch location {
	case "zero":
		return geofuzz.Zero{}, nil
	case "near":
		return o.near()
	}
	return nil, nil
}

// A hider is how the flights of one run are hidden.
type hider struct {
	kinds     []geofuzz.Kind
	mechanism geofuzz.Mechanism // nil if flights are shown as the profile says
	near      *geofuzz.Near     // nil if no place is drawn
	hiding    *geofuzz.Hiding   // nil if there is no zone
	ring      *ring             // nil if there is no key in it
}

func (h *hider) close() {
	if h.ring != nil {
		h.ring.Close()
	}
}

// hider builds what --location or --mechanism asks for, opening the key if that
// takes one. Near and zone are the names of mechanisms, too.
func (o *convertOptions) hider(s streams) (*hider, error) {
	names := o.Mechanism
	if names == "" && slices.Contains([]string{"near", "zero", "zone"}, o.Location) {
		names = o.Location
	}
	h := &hider{}
	if names != "" {
		var err error
		if h.kinds, err = geofuzz.FindKinds(names); err != nil {
			return nil, usageError{withHint(fmt.Errorf("--mechanism: %w", err), "use one of "+strings.Join(mechanismNames(), ", ")+", or several with + between them")}
		}
	}
	any := func(needs func(geofuzz.Kind) bool) bool { return slices.ContainsFunc(h.kinds, needs) }
	draws, zoned := any(func(k geofuzz.Kind) bool { return k.Epsilon }), any(func(k geofuzz.Kind) bool { return k.Zone })
	switch {
	case !draws && (o.Epsilon != "" || o.Again):
		return nil, usageError{errors.New("--epsilon and --draw-again go with " + o.asked("near"))}
	case zoned && o.Zone == "":
		return nil, usageError{withHint(errors.New(o.asked("zone")+" needs a zone"), "name it with --zone NAME; flightveil zone ls lists them")}
	case !zoned && o.Zone != "":
		return nil, usageError{errors.New("--zone goes with " + o.asked("zone"))}
	}
	if len(h.kinds) == 0 {
		return h, nil
	}
	to := geofuzz.Options{Metres: o.Metres}
	if draws {
		near, err := o.near()
		if err != nil {
			return nil, err
		}
		h.near, to.Near = near, near
	}
	if zoned {
		h.hiding = &geofuzz.Hiding{Zone: &geofuzz.Zone{}, Force: o.Crowd}
		to.Hiding = h.hiding
	}
	var err error
	if h.mechanism, err = geofuzz.Build(h.kinds, to); err != nil { // before the key is asked for
		return nil, usageError{err}
	}
	if draws || zoned || o.Album != "" {
		if h.ring, err = o.openRing(s); err != nil {
			return nil, err
		}
	}
	if draws {
		h.near.Key, h.near.Places, h.near.Save = h.ring.Key, &h.ring.Places, h.ring.savePlaces
	}
	if zoned {
		zone, err := o.zoneFlags.of(h.ring)
		if err != nil {
			h.close()
			return nil, err
		}
		h.hiding.Key, h.hiding.Zone, h.hiding.Save = h.ring.Key, zone, h.ring.saveZones
		h.hiding.Displaced = h.ring.Places.Drawn(zone.Home)
	}
	return h, nil
}

// asked is how a mechanism is asked for in this command.
func (o *convertOptions) asked(name string) string {
	if o.Mechanism != "" {
		return "--mechanism " + name
	}
	return "--location " + name
}

// apply tells the pipeline.
func (h *hider) apply(opts *pipeline.ConvertOptions, album string) {
	if h.mechanism == nil {
		return
	}
	if at, ok := geofuzz.MooringOf(h.mechanism); ok && album == "" {
		opts.Mooring = at
		return
	}
	r := &pipeline.Release{Mechanism: h.mechanism}
	for _, k := range h.kinds {
		switch {
		case k.Moves:
			r.Moves, r.Note = true, pipeline.DisplacedNote
		case k.Zone && r.Note == "":
			r.Note = pipeline.ZoneNote
		case (k.Name == "times" || k.Name == "promesse") && r.Note == "":
			r.Note = pipeline.TimesNote
		}
	}
	if album != "" {
		r.Pseudonym = func(class, value string) (string, error) { return h.ring.Key.Pseudonym(album, class, value) }
	}
	opts.Release = r
}

// tell prints what the release promises and what it does not, and what the
// ledgers have to say.
func (h *hider) tell(w io.Writer) {
	if h.mechanism == nil {
		return
	}
	first := ""
	if slices.ContainsFunc(h.kinds, func(k geofuzz.Kind) bool { return k.Moves }) {
		first = "displaced, not the real place. "
	}
	fmt.Fprintln(w, "flightveil: "+first+h.mechanism.Guarantee().String())
	if h.hiding != nil {
		for _, a := range h.hiding.Advice() {
			fmt.Fprintln(w, "flightveil: warning: "+a)
		}
	}
	if h.near != nil && h.ring.Zones.Shown(h.ring.Places.Anchors()) {
		fmt.Fprintln(w, "flightveil: warning: flights of a place that near moves were also shown beside a zone: a flight that is shown both ways tells where all of them were")
	}
}

func mechanismNames() []string {
	var out []string
	for _, k := range geofuzz.Kinds() {
		out = append(out, k.Name)
	}
	return append(out, "heatmap")
}
