package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"

	"flightveil/geofuzz/attack"
)

//go:embed attack.html.tmpl
var attackTemplate string

// A plot shows how many homes are found behind one way of hiding them, by the
// attack that did best, over the number of flights.
type plot struct {
	ID            string // of the element
	World, Method string
	Ours          bool
	Lines         []plotLine
	Ticks         []plotTick
	Summary       string
	One           bool // number of flights: no line, bars
}

type plotLine struct {
	Class, Label, Points, Chance string
	Dots                         []plotDot
	LabelY                       float64
}

type plotDot struct {
	X, Y  float64
	Title string
}

type plotTick struct {
	X     float64
	Label string
}

// The plots' own units: they are scaled to the width there is.
const (
	plotLeft, plotRight, plotTop, plotBottom = 34.0, 262.0, 12.0, 132.0
)

func plotY(share float64) float64 { return plotBottom - share*(plotBottom-plotTop) }

// plots draws the best rows.
func plots(rows []attack.Row) []plot {
	var out []plot
	best := attack.Best(rows)
	for i := 0; i < len(best); {
		k := i
		for k < len(best) && best[k].World == best[i].World && best[k].Method == best[i].Method {
			k++
		}
		out = append(out, newPlot(best[i:k]))
		i = k
	}
	return out
}

// newPlot draws the rows of one way of hiding in one world.
func newPlot(rows []attack.Row) plot {
	first, last := rows[0], rows[len(rows)-1]
	p := plot{World: first.World, Method: first.Method, Ours: first.Ours, One: len(rows) == 1}
	x := func(n int) float64 {
		if len(rows) == 1 {
			return (plotLeft + plotRight) / 2
		}
		return plotLeft + 8 + (plotRight-plotLeft-16)*math.Log(float64(n)/float64(first.N))/math.Log(float64(last.N)/float64(first.N))
	}
	for _, r := range rows {
		p.Ticks = append(p.Ticks, plotTick{x(r.N), fmt.Sprint(r.N)})
	}
	labels := []float64{}
	for k := len(attack.Radii) - 1; k >= 0; k-- {
		l := plotLine{Class: fmt.Sprintf("r%d", k), Label: fmt.Sprintf("%.0f m", attack.Radii[k])}
		var points, chance []string
		for _, r := range rows {
			points = append(points, fmt.Sprintf("%.1f,%.1f", x(r.N), plotY(r.Hit[k])))
			l.Dots = append(l.Dots, plotDot{x(r.N), plotY(r.Hit[k]), fmt.Sprintf("%d flights: %.1f %% of homes within %.0f m, by %s", r.N, 100*r.Hit[k], attack.Radii[k], r.Attack)})
			if r.Chance[k] > 0 {
				chance = append(chance, fmt.Sprintf("%.1f,%.1f", x(r.N), plotY(r.Chance[k])))
			}
		}
		if len(rows) == 1 && len(chance) == 1 {
			y := plotY(first.Chance[k])
			chance = []string{fmt.Sprintf("%.1f,%.1f", plotLeft+8, y), fmt.Sprintf("%.1f,%.1f", plotRight-8, y)}
		}
		l.Points, l.Chance = strings.Join(points, " "), strings.Join(chance, " ")
		// Labels that would lie on each other move down.
		l.LabelY = plotY(last.Hit[k]) + 3
		for _, y := range labels {
			if l.LabelY < y+9 {
				l.LabelY = y + 9
			}
		}
		labels = append(labels, l.LabelY)
		p.Lines = append(p.Lines, l)
	}
	if over := labels[len(labels)-1] - plotBottom - 2; over > 0 { // the lowest stays in the picture
		for i := range p.Lines {
			p.Lines[i].LabelY -= over
		}
	}
	p.Summary = fmt.Sprintf("after %d flights %.0f / %.0f / %.0f %% of homes within 50 / 100 / 250 m", last.N, 100*last.Hit[0], 100*last.Hit[1], 100*last.Hit[2])
	return p
}

// attackPage is the page of --html. It holds all it needs.
func attackPage(w io.Writer, o attackOptions, eps float64, rows []attack.Row, uses []attack.Use) error {
	t, err := template.New("attack").Funcs(template.FuncMap{
		"percent": func(v float64) string { return fmt.Sprintf("%.0f", 100*v) },
		"metres":  func(v float64) string { return fmt.Sprintf("%.0f", v) },
		"number": func(v float64) string {
			if v < 0 {
				return "–"
			}
			return fmt.Sprintf("%.3g", v)
		},
	}).Parse(attackTemplate)
	if err != nil {
		return err
	}
	byWorld := map[string][]plot{}
	var worlds []string
	for i, p := range plots(rows) {
		p.ID = fmt.Sprintf("p%d", i)
		if len(byWorld[p.World]) == 0 {
			worlds = append(worlds, p.World)
		}
		byWorld[p.World] = append(byWorld[p.World], p)
	}
	return t.Execute(w, struct {
		Homes   int
		Seed    uint64
		Epsilon float64
		Worlds  []string
		Plots   map[string][]plot
		Rows    []attack.Row
		Uses    []attack.Use
		Over    []attack.Row
	}{o.Homes, o.Seed, eps, worlds, byWorld, rows, uses, attack.Over(rows)})
}
