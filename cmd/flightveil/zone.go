package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"flightveil/cmd/internal/ui"
	"flightveil/geofuzz"
	"flightveil/internal/geo"
	"flightveil/internal/pipeline"

	"github.com/spf13/cobra"
)

func newZoneCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "zone",
		Short: "Say where nothing may be seen",
		Long: `A zone is an area around a place, such as home, of which nothing is shown. It is
drawn once: its middle lies apart from the place and its radius is larger than
the one asked for, both by secret lengths, and its edge follows a grid. Zones
are encrypted with your key (flightveil key init makes one).

A zone hides less than --location zero or near do: what can be seen of straight
flights points at where they came from. So the legs that begin and end in a zone
go with it, and after 10 flights there is a warning, after 30 a refusal.` + exitCodes,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newZoneAddCommand(s), newZoneLsCommand(s), newZoneRmCommand(s))
	return cmd
}

type zoneAddOptions struct {
	keyFlags
	keychainFlag
	From, File string
	Radius     float64
	Again      bool
}

func newZoneAddCommand(s streams) *cobra.Command {
	var o zoneAddOptions
	cmd := &cobra.Command{
		Use:   "add NAME [--from LOG|--file FILE]",
		Short: "Make a zone",
		Long: `Make a zone around the place where a flight began, around one that stands in a
file, or around one that you type. A place is two numbers in degrees, latitude
and longitude, as in 1.5 -2.25. It is never an argument: the shell keeps those.` + exitCodes,
		Example: `  flightveil zone add home --from DJIFlightRecord.txt
  flightveil zone add home --radius 800`,
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return runZoneAdd(cmd.Context(), o, args[0], s) },
	}
	o.keyFlags.add(cmd)
	o.keychainFlag.add(cmd)
	f := cmd.Flags()
	f.StringVar(&o.From, "from", "", "take the place where the first flight of `LOG` began")
	f.StringVar(&o.File, "file", "", "read the place from the first line of `FILE`, or - for standard input")
	f.Float64Var(&o.Radius, "radius", geofuzz.DefaultZone, "hide at least so many `METRES` around")
	f.BoolVar(&o.Again, "draw-again", false, "allow another zone for a place that had one: what both leave open tells more than each")
	return cmd
}

func runZoneAdd(ctx context.Context, o zoneAddOptions, name string, s streams) error {
	if o.From != "" && o.File != "" {
		return usageError{errors.New("--from and --file exclude each other")}
	}
	home, err := o.place(ctx, s)
	if err != nil {
		return err
	}
	r, err := o.openRing(s)
	if err != nil {
		return err
	}
	defer r.Close()
	z, err := r.Zones.Add(r.Key, name, home, o.Radius, o.Again)
	switch {
	case errors.Is(err, geofuzz.ErrDraw):
		return withHint(err, "give the radius it had, or --draw-again if you mean it")
	case errors.Is(err, geofuzz.ErrZoneName), errors.Is(err, geofuzz.ErrZoneSize), errors.Is(err, geofuzz.ErrNoPlace):
		return usageError{err}
	case err != nil:
		return err
	}
	if err := r.saveZones(); err != nil {
		return err
	}
	fmt.Fprintf(s.Err, "flightveil: zone %s made: what lies up to %.0f m around the place is hidden, and more in most directions. Use it with --location zone --zone %s.\n", z.Name, o.Radius*0.3, z.Name)
	return nil
}

// place reads where the zone lies.
func (o *zoneAddOptions) place(ctx context.Context, s streams) (geo.Point, error) {
	if o.From != "" {
		return o.takeOff(ctx)
	}
	var in io.Reader
	switch o.File {
	case "-":
		in = s.In
	case "":
		tty, ok := s.In.(*os.File)
		if !ok || !isTerminal(tty) {
			return geo.Point{}, usageError{withHint(errors.New("no place given and no terminal to ask"), "use --from LOG, --file FILE, or --file - for standard input")}
		}
		fmt.Fprint(s.Err, "Latitude and longitude of the place, in degrees: ")
		in = tty
	default:
		f, err := os.Open(o.File)
		if err != nil {
			return geo.Point{}, usageError{fmt.Errorf("--file: %w", err)}
		}
		defer f.Close()
		in = f
	}
	line, err := bufio.NewReader(io.LimitReader(in, 4096)).ReadString('\n')
	if err != nil && err != io.EOF {
		return geo.Point{}, fmt.Errorf("reading the place: %w", err)
	}
	p, err := parsePlace(line)
	if err != nil {
		return p, usageError{err}
	}
	return p, nil
}

// takeOff is where the first flight of the log began.
func (o *zoneAddOptions) takeOff(ctx context.Context) (geo.Point, error) {
	keychains, err := o.load()
	if err != nil {
		return geo.Point{}, err
	}
	sources, closer := pipeline.Gather([]string{o.From})
	defer closer.Close()
	if len(sources) != 1 || !sources[0].Given {
		return geo.Point{}, usageError{fmt.Errorf("--from %s: name one flight log", ui.Printable(o.From))}
	}
	if err := missing(sources); err != nil {
		return geo.Point{}, err
	}
	profile, err := (&policyFlags{Profile: "everything"}).profile()
	if err != nil {
		return geo.Point{}, err
	}
	p, err := newRunner(profile, 1, keychains...).TakeOff(ctx, &sources[0])
	if err != nil {
		return p, fmt.Errorf("--from %s: %w", ui.Printable(filepath.Base(o.From)), err)
	}
	return p, nil
}

var errPlace = errors.New("not a place: two numbers are wanted, latitude and longitude in degrees, as in 1.5 -2.25")

// parsePlace reads "1.5 -2.25", "1.5, -2.25" or "1.5N 2.25W".
func parsePlace(line string) (p geo.Point, err error) {
	f := strings.FieldsFunc(strings.TrimPrefix(line, "\ufeff"), func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\t' || r == '\r' || r == '\n' })
	if len(f) != 2 {
		return p, errPlace
	}
	one := func(s, positive, negative string) (float64, error) {
		s = strings.TrimSuffix(strings.ToUpper(s), positive)
		sign := 1.0
		if t, ok := strings.CutSuffix(s, negative); ok {
			s, sign = t, -1
		}
		v, err := strconv.ParseFloat(strings.TrimSuffix(s, "°"), 64)
		return sign * v, err
	}
	lat, err1 := one(f[0], "N", "S")
	lon, err2 := one(f[1], "E", "W")
	if err1 != nil || err2 != nil {
		return p, errPlace // the cause would hold what was typed
	}
	p = geo.Point{Lat: lat, Lon: lon}
	if !p.Valid() || p.Zero() {
		return geo.Point{}, geofuzz.ErrNoPlace
	}
	return p, nil
}

func newZoneLsCommand(s streams) *cobra.Command {
	var o keyFlags
	asJSON := false
	cmd := &cobra.Command{
		Use:   "ls",
		Short: "List the zones, without saying where they are",
		Args:  usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			r, err := o.openRing(s)
			if err != nil {
				return err
			}
			defer r.Close()
			for _, name := range r.Zones.Names() {
				z, err := r.Zones.Get(name)
				if err != nil {
					return err
				}
				if asJSON {
					err = json.NewEncoder(s.Out).Encode(struct {
						Type   string  `json:"type"`
						Name   string  `json:"name"`
						Metres float64 `json:"metres"`
						Shown  int     `json:"shown"`
					}{"zone", z.Name, z.Asked, len(z.Shown)})
				} else {
					_, err = fmt.Fprintf(s.Out, "%-20s %6.0f m  %d flights shown\n", z.Name, z.Asked, len(z.Shown))
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	o.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object per line")
	return cmd
}

func newZoneRmCommand(s streams) *cobra.Command {
	var o keyFlags
	cmd := &cobra.Command{
		Use:   "rm NAME",
		Short: "Take a zone off the list; made again, it is the same",
		Args:  usage(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			r, err := o.openRing(s)
			if err != nil {
				return err
			}
			defer r.Close()
			if err := r.Zones.Remove(args[0]); err != nil {
				return noZone(args[0], r)
			}
			return r.saveZones()
		},
	}
	o.add(cmd)
	return cmd
}

// zoneFlags name a zone.
type zoneFlags struct {
	Zone  string
	Crowd bool
}

func (o *zoneFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.Zone, "zone", "", "the `NAME` of the zone of --location zone (flightveil zone add makes one)")
	cmd.Flags().BoolVar(&o.Crowd, "crowd", false, "go on where so many flights were shown beside the zone that together they centre on what it hides")
}

// of returns the zone.
func (o *zoneFlags) of(r *ring) (*geofuzz.Zone, error) {
	z, err := r.Zones.Get(o.Zone)
	if err != nil {
		return nil, noZone(o.Zone, r)
	}
	return z, nil
}

// noZone says that there is no zone of that name, and which there are.
func noZone(name string, r *ring) error {
	hint := "flightveil zone add " + ui.Printable(name) + " makes it"
	if names := r.Zones.Names(); len(names) > 0 {
		hint = "there are: " + strings.Join(names, ", ")
	}
	return usageError{withHint(fmt.Errorf("%w: %s", geofuzz.ErrNoZone, ui.Printable(name)), hint)}
}
