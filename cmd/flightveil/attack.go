package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"

	"flightveil/cmd/internal/ui"
	"flightveil/geofuzz"
	"flightveil/geofuzz/attack"

	"github.com/spf13/cobra"
)

type attackOptions struct {
	keyFlags
	keychainFlag
	Homes, Flights, Jobs                 int
	Seed                                 uint64
	Epsilon                              string
	HTML, Maps, Home                     string
	Full, JSON, Every, NoProgress, Force bool
}

func newAttackCommand(s streams) *cobra.Command {
	var o attackOptions
	cmd := &cobra.Command{
		Use:   "attack [TRACK...] [--home ZONE]",
		Short: "Try how well the known attacks find home behind each way of hiding it",
		Long: `Fly drones around invented homes, hide the homes in the ways that programs use,
flightveil's own among them, and let the known attacks look for them. The table
shows, for each way and number of flights, the attack that did best: the share
of homes it found within 50, 100 and 250 m. Beside --location near stands chance:
what a guess of the released place itself finds. A second table says what each
way leaves of a flight.

With --full there are more worlds: people who walk from home along the streets of
a map, flights over real terrain, houses that stand alone, albums with a photo
that was forgotten, and files that keep how far meridians are apart. --maps names
a folder with street maps (OpenStreetMap, .osm.gz) and terrain (SRTM, .hgt.zip).

With tracks, the attacks are tried on them instead: give the files that you want
to share, and the zone that holds your home. The answer is how far from home each
guess lies, never where.

The homes are invented and the drones fly straight, which is the attacker's best
case. It is proof against these attacks, not against all there can be. The same
seed gives the same figures. Exit code 4: an attack did better against near than
chance allows, or found the home of your tracks.` + exitCodes,
		Example: `  flightveil attack --homes 200 --flights 10
  flightveil attack --full --maps maps --html attack.html
  flightveil attack shared/*.gpx --home home`,
		Args: usage(cobra.ArbitraryArgs),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 || o.Home != "" {
				return runAttackOwn(cmd.Context(), o, args, s)
			}
			return runAttack(cmd.Context(), o, s)
		},
	}
	o.keyFlags.add(cmd)
	o.keychainFlag.add(cmd)
	f := cmd.Flags()
	f.IntVar(&o.Homes, "homes", 1000, "`N` invented homes, 100 to 100000")
	f.IntVar(&o.Flights, "flights", 100, "at most `N` flights from each: 1, 3, 10, 30 or 100")
	f.Uint64Var(&o.Seed, "seed", attack.Seeds[0], "the world to try, any `NUMBER`; flightveil is judged by 1 to 5")
	f.StringVar(&o.Epsilon, "epsilon", "", "how much noise: `NAME` "+either(geofuzz.EpsilonNames())+", or a number per metre (default "+geofuzz.DefaultEpsilon+")")
	f.BoolVar(&o.Full, "full", false, "try the other worlds, too; takes minutes")
	f.StringVar(&o.Maps, "maps", "", "with --full: read streets and terrain from the `FOLDER`")
	f.StringVar(&o.Home, "home", "", "try the tracks given against the home in `ZONE` (flightveil zone ls lists them)")
	f.StringVar(&o.HTML, "html", "", "also write tables and plots to `FILE`, one page that loads nothing")
	f.BoolVar(&o.Force, "force", false, "replace the file of --html")
	f.BoolVar(&o.Every, "every", false, "show every attack, not the best alone")
	f.BoolVar(&o.JSON, "json", false, "print one JSON object per line, for every attack")
	f.BoolVar(&o.NoProgress, "no-progress", false, "draw no progress bar")
	f.IntVarP(&o.Jobs, "jobs", "j", runtime.NumCPU(), "work on `N` homes at the same time")
	return cmd
}

func runAttack(ctx context.Context, o attackOptions, s streams) error {
	eps, err := geofuzz.ParseEpsilon(cmp.Or(o.Epsilon, geofuzz.DefaultEpsilon))
	switch {
	case err != nil:
		return usageError{fmt.Errorf("--epsilon: %w", err)}
	case o.Homes < 100 || o.Homes > 100_000:
		return usageError{fmt.Errorf("--homes %d: use 100 to 100000", o.Homes)}
	case !slices.Contains(attack.Counts[:], o.Flights):
		return usageError{fmt.Errorf("--flights %d: use 1, 3, 10, 30 or 100", o.Flights)}
	case o.Force && o.HTML == "":
		return usageError{errors.New("--force goes with --html")}
	case o.Jobs < 1:
		return usageError{errors.New("--jobs: at least one is needed")}
	}
	if err := pageFree(o.HTML, o.Force, ""); err != nil { // before minutes are spent
		return err
	}
	b := attack.Bench{Homes: o.Homes, Most: o.Flights, Seed: o.Seed, Epsilon: eps, Jobs: o.Jobs}
	if b.Maps, err = o.maps(s); err != nil {
		return err
	}
	bar := ui.NewSteps(s.Err, isTerminal(s.Err) && !o.NoProgress && !o.JSON, int64(b.Steps()))
	defer bar.Close()
	b.Done = func() { bar.Done(1) }
	rows, err := b.Run(ctx)
	if err != nil {
		return err
	}
	uses, err := b.Utility(ctx)
	bar.Close()
	if err != nil {
		return err
	}
	if o.JSON {
		err = attackJSON(s.Out, rows, uses)
	} else {
		shown := rows
		if !o.Every {
			shown = attack.Best(rows)
		}
		attackTable(s.Out, shown)
		fmt.Fprintf(s.Out, "\n%d homes, seed %d, noise of %.4g per metre. Chance: a guess of the released place itself.\n\n", o.Homes, o.Seed, eps)
		useTable(s.Out, uses)
	}
	if err != nil {
		return err
	}
	if o.HTML != "" {
		if err := writePage(o.HTML, o.Force, false, func(w io.Writer) error { return attackPage(w, o, eps, rows, uses) }); err != nil {
			return err
		}
	}
	if over := attack.Over(rows); len(over) > 0 {
		for _, r := range over {
			fmt.Fprintf(s.Err, "flightveil: %s does better against %s than chance allows, with %d flights\n", r.Attack, r.Method, r.N)
		}
		return errFound
	}
	return nil
}

// maps reads what --full needs, nil without it.
func (o *attackOptions) maps(s streams) (*attack.Maps, error) {
	switch {
	case !o.Full && o.Maps != "":
		return nil, usageError{errors.New("--maps goes with --full")}
	case !o.Full:
		return nil, nil
	case o.Maps == "":
		fmt.Fprintln(s.Err, "flightveil: without --maps, streets and terrain are not tried")
		return attack.ReadMaps(nil)
	}
	m, err := attack.ReadMaps(os.DirFS(o.Maps))
	if err != nil {
		return nil, fmt.Errorf("--maps: %w", err)
	}
	return m, nil
}

func attackJSON(w io.Writer, rows []attack.Row, uses []attack.Use) error {
	enc := json.NewEncoder(w)
	for _, r := range rows {
		if err := enc.Encode(struct {
			Type string `json:"type"`
			attack.Row
		}{"attack", r}); err != nil {
			return err
		}
	}
	for _, u := range uses {
		if err := enc.Encode(struct {
			Type string `json:"type"`
			attack.Use
		}{"utility", u}); err != nil {
			return err
		}
	}
	return nil
}

func attackTable(w io.Writer, rows []attack.Row) {
	world := ""
	for _, r := range rows {
		if r.World != world {
			if world != "" {
				fmt.Fprintln(w)
			}
			world = r.World
			fmt.Fprintf(w, "%s\n%-52s %7s  %5s %5s %5s  %9s  %s\n", world, "way of hiding", "flights", "50 m", "100 m", "250 m", "median", "attack")
		}
		fmt.Fprintf(w, "%-52s %7d  %4.0f%% %4.0f%% %4.0f%%  %7.0f m  %s %s\n", r.Method, r.N, 100*r.Hit[0], 100*r.Hit[1], 100*r.Hit[2], r.Median, r.ID, r.Attack)
		if r.Chance[0] > 0 {
			fmt.Fprintf(w, "%-52s %7s  %4.0f%% %4.0f%% %4.0f%%\n", "    chance", "", 100*r.Chance[0], 100*r.Chance[1], 100*r.Chance[2])
		}
	}
}

// useTable says what is left of a flight.
func useTable(w io.Writer, uses []attack.Use) {
	fmt.Fprintf(w, "%-37s %5s %9s %9s %9s %8s %8s %8s\n", "what is left of a flight", "kept", "moved", "Fréchet", "shape RMS", "length", "speed", "covered")
	number := func(format string, v float64) string {
		if v < 0 {
			return "–"
		}
		return fmt.Sprintf(format, v)
	}
	for _, u := range uses {
		fmt.Fprintf(w, "%-37s %4.0f%% %9s %9s %9s %8s %8s %8s\n", u.Method, 100*u.Kept, number("%.0f m", u.Moved), number("%.1f m", u.Frechet), number("%.1f m", u.Procrustes),
			number("±%.3g", u.Length), number("±%.2g", u.Speed), number("%.3f", u.Coverage))
	}
	fmt.Fprintln(w, "Fréchet distance, shape and cover (cells of 30 m, overlap) after the move is undone; length as a share; speed in m/s.")
}
