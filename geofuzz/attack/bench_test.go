package attack

import (
	"context"
	"math"
	"os"
	"testing"
	"time"

	"flightveil/geofuzz"
)

// published are the figures the bench must reproduce: best attack, share of
// homes within 50, 100 and 250 m, after 1, 3 and 10 flights (our simulation of
// 2026-11, epsilon 0.0036).
var published = map[string][4][3]float64{
	"zone 500 m, moved once, no legs home": {{0, 0, 0}, {0, .01, .06}, {.01, .05, .26}, {.16, .45, .85}},
	"none":                                 {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}},
	"round to 3 decimals":                  {{.80, 1, 1}, {.92, 1, 1}, {.98, 1, 1}, {.99, 1, 1}},
	"round to 2 decimals":                  {{.01, .04, .20}, {.01, .05, .24}, {.01, .05, .28}, {.02, .05, .25}},
	"noise per point":                      {{.03, .12, .63}, {.06, .27, .89}, {.16, .55, 1}, {.81, .99, 1}},
	"shift, new for every file":            {{.02, .06, .23}, {.03, .12, .39}, {.08, .26, .83}, {.56, .95, 1}},
	"M1 near":                              {{.02, .06, .23}, {.02, .06, .21}, {.01, .07, .24}, {.01, .04, .23}},
	"zone 500 m, centred":                  {{.66, .80, .91}, {.99, 1, 1}, {1, 1, 1}, {1, 1, 1}},
	"zone 500 m, moved once":               {{.68, .81, .91}, {.99, .99, 1}, {1, 1, 1}, {1, 1, 1}},
	"zone 500 m, moved for every file":     {{.69, .82, .91}, {.99, 1, 1}, {1, 1, 1}, {1, 1, 1}},
	"zone 1000 m, moved once":              {{.47, .62, .74}, {.87, .90, .93}, {.99, .99, 1}, {1, 1, 1}},
	"trim 300 m":                           {{.76, .87, .94}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}},
	"trim 200 to 600 m":                    {{.70, .84, .92}, {.99, 1, 1}, {1, 1, 1}, {1, 1, 1}},
}

func run(t *testing.T, b Bench) []Row {
	t.Helper()
	rows, err := b.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// full makes the tests take as many homes and flights as the promise is made
// for. That takes minutes: .ci/attack sets it.
var full = os.Getenv("FLIGHTVEIL_BENCH") == "full"

// TestTable: the bench is as strong as the one whose figures were published, and
// no stronger: it is the same world.
func TestTable(t *testing.T) {
	b := Bench{Homes: 250, Most: 10, Seed: Seeds[0], Epsilon: 0.0036, Jobs: 2}
	if full {
		b.Homes, b.Most = 1000, 100
	}
	n := 0
	for _, r := range Best(run(t, b)) {
		want, ok := published[r.Method]
		i, listed := map[int]int{1: 0, 3: 1, 10: 2, 100: 3}[r.N]
		if !ok || !listed {
			continue
		}
		n++
		for k := range Radii {
			slack := 0.05
			if !full { // what so few homes differ by
				slack += 2.5 * math.Sqrt(want[i][k]*(1-want[i][k])/float64(b.Homes))
			}
			if math.Abs(r.Hit[k]-want[i][k]) > slack {
				t.Errorf("%s, %d flights: %.3f of homes within %.0f m by %s, published %.2f", r.Method, r.N, r.Hit[k], Radii[k], r.ID, want[i][k])
			}
		}
	}
	if n < 3*len(published) {
		t.Errorf("only %d rows of the table were compared", n)
	}
}

// TestZonesFall: circles are found by Hassan's attack, straight legs by ours,
// true totals by adding up.
func TestZonesFall(t *testing.T) {
	n := 0
	for _, r := range run(t, Bench{Homes: 120, Most: 10, Seed: Seeds[1], Epsilon: 0.0036, Jobs: 2, Methods: []string{"zone 500 m, centred", "zone 500 m, moved once, true totals"}}) {
		least := 0.9
		switch {
		case r.N == 1:
			continue
		case r.ID == "A2" && r.Method == "zone 500 m, centred":
			least = 0.84
		case r.ID != "A4" && r.ID != "A5":
			continue
		}
		if n++; r.Hit[0] < least {
			t.Errorf("%s finds only %.3f of homes behind %s after %d flights", r.ID, r.Hit[0], r.Method, r.N)
		}
	}
	if n != 8 {
		t.Errorf("%d rows compared", n)
	}
}

// TestNearHolds is the gate: no attack does better than chance, and more flights
// do not help.
func TestNearHolds(t *testing.T) {
	b := Bench{Homes: 120, Most: 10, Epsilon: math.Log(4) / 400, Jobs: 2, Methods: []string{"M1 near"}}
	if full {
		b.Homes, b.Most = 1000, 100
	}
	for _, b.Seed = range Seeds {
		rows := run(t, b)
		if len(rows) == 0 {
			t.Fatal("nothing was tried")
		}
		for _, r := range rows {
			if r.N == b.Most {
				t.Logf("seed %d, %d flights, %s %s: %.3f, slope %.4f ± %.4f", b.Seed, r.N, r.ID, r.Attack, r.Hit, r.Slope, r.SlopeError)
			}
		}
		for _, r := range Over(rows) {
			t.Errorf("seed %d, %s, %d flights: %v by %s, chance %v, slope %v ± %v", b.Seed, r.Method, r.N, r.Hit, r.ID, r.Chance, r.Slope, r.SlopeError)
		}
	}
}

// TestGateFails: what averages away, judged as if it were ours, is stopped.
func TestGateFails(t *testing.T) {
	for _, name := range []string{"noise per point", "shift, new for every file", "zone 500 m, moved once"} {
		rows := run(t, Bench{Homes: 120, Most: 10, Seed: Seeds[0], Epsilon: math.Log(4) / 400, Jobs: 2, Methods: []string{name}})
		for i := range rows {
			for k, r := range Radii {
				rows[i].Chance[k] = geofuzz.Chance(math.Log(4)/400, r)
			}
		}
		if len(Over(rows)) == 0 {
			t.Errorf("%s passes the gate", name)
		}
	}
}

// TestRunIsDeterministic: figures are the same on any number of cores.
func TestRunIsDeterministic(t *testing.T) {
	b := Bench{Homes: 20, Most: 3, Seed: 9, Epsilon: 0.0036, Jobs: 1}
	one := run(t, b)
	b.Jobs = 7
	for i, r := range run(t, b) {
		if r != one[i] {
			t.Fatalf("%v and %v", r, one[i])
		}
	}
}

// TestCancel: an interrupted bench ends soon.
func TestCancel(t *testing.T) {
	start := time.Now()
	ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	if _, err := (Bench{Homes: 100_000, Methods: []string{"none"}, Seed: 1, Epsilon: 0.0036, Jobs: 1}).Run(ctx); err == nil || time.Since(start) > time.Minute {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}
