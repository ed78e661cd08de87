package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"

	"flightveil/cmd/internal/ui"
	"flightveil/geofuzz"
	"flightveil/geofuzz/attack"

	"github.com/spf13/cobra"
)

type attackOptions struct {
	Homes, Flights, Jobs    int
	Seed                    uint64
	Epsilon                 string
	JSON, Every, NoProgress bool
}

func newAttackCommand(s streams) *cobra.Command {
	var o attackOptions
	cmd := &cobra.Command{
		Use:   "attack",
		Short: "Try how well the known attacks find home behind each way of hiding it",
		Long: `Fly drones around invented homes, hide the homes in the ways that programs use,
flightveil's own among them, and let the known attacks look for them. The table
shows, for each way and number of flights, the attack that did best: the share
of homes it found within 50, 100 and 250 m. Beside --location near stands chance:
what a guess of the released place itself finds.

The homes are invented and the drones fly straight, which is the attacker's best
case. It is proof against these attacks, not against all there can be. The same
seed gives the same figures. Exit code 4: an attack did better against near than
chance allows.` + exitCodes,
		Example: `  flightveil attack --homes 200 --flights 10
  flightveil attack --seed 3 --json`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return runAttack(cmd.Context(), o, s) },
	}
	f := cmd.Flags()
	f.IntVar(&o.Homes, "homes", 1000, "`N` invented homes, 100 to 100000")
	f.IntVar(&o.Flights, "flights", 100, "at most `N` flights from each: 1, 3, 10, 30 or 100")
	f.Uint64Var(&o.Seed, "seed", attack.Seeds[0], "the world to try, any `NUMBER`; flightveil is judged by 1 to 5")
	f.StringVar(&o.Epsilon, "epsilon", "", "how much noise: `NAME` "+either(geofuzz.EpsilonNames())+", or a number per metre (default "+geofuzz.DefaultEpsilon+")")
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
	case o.Jobs < 1:
		return usageError{errors.New("--jobs: at least one is needed")}
	}
	bar := ui.NewSteps(s.Err, isTerminal(s.Err) && !o.NoProgress && !o.JSON, int64(o.Homes))
	defer bar.Close()
	b := attack.Bench{Homes: o.Homes, Most: o.Flights, Seed: o.Seed, Epsilon: eps, Jobs: o.Jobs, Done: func(int) { bar.Done(1) }}
	rows, err := b.Run(ctx)
	bar.Close()
	if err != nil {
		return err
	}
	if o.JSON {
		if err := attackJSON(s.Out, rows); err != nil {
			return err
		}
	} else {
		shown := rows
		if !o.Every {
			shown = attack.Best(rows)
		}
		attackTable(s.Out, shown)
		fmt.Fprintf(s.Out, "\n%d homes, seed %d, noise of %.4g per metre. Chance: a guess of the released place itself.\n", o.Homes, o.Seed, eps)
	}
	if over := attack.Over(rows); len(over) > 0 {
		for _, r := range over {
			fmt.Fprintf(s.Err, "flightveil: %s does better against %s than chance allows, with %d flights\n", r.Attack, r.Method, r.N)
		}
		return errFound
	}
	return nil
}

func attackJSON(w io.Writer, rows []attack.Row) error {
	enc := json.NewEncoder(w)
	for _, r := range rows {
		if err := enc.Encode(struct {
			Type string `json:"type"`
			attack.Row
		}{"attack", r}); err != nil {
			return err
		}
	}
	return nil
}

func attackTable(w io.Writer, rows []attack.Row) {
	fmt.Fprintf(w, "%-35s %7s  %5s %5s %5s  %8s  %s\n", "way of hiding", "flights", "50 m", "100 m", "250 m", "median", "attack")
	for _, r := range rows {
		fmt.Fprintf(w, "%-35s %7d  %4.0f%% %4.0f%% %4.0f%%  %6.0f m  %s %s\n", r.Method, r.N, 100*r.Hit[0], 100*r.Hit[1], 100*r.Hit[2], r.Median, r.ID, r.Attack)
		if r.Ours {
			fmt.Fprintf(w, "%-35s %7s  %4.0f%% %4.0f%% %4.0f%%\n", "    chance", "", 100*r.Chance[0], 100*r.Chance[1], 100*r.Chance[2])
		}
	}
}
