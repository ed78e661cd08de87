package ui

import (
	"encoding/json"
	"io"

	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"
)

// jsonPrinter writes one object per line, each with a "type". Field names are
// part of the interface: TestJSONFields lists them.
type jsonPrinter struct {
	w       io.Writer
	o       Options
	folders folders
}

type fileJSON struct {
	Type     string        `json:"type"` // "file"
	Path     string        `json:"path"`
	Format   string        `json:"format,omitempty"`
	Status   string        `json:"status"`
	Output   string        `json:"output,omitempty"`
	Reason   string        `json:"reason,omitempty"`
	Verdict  string        `json:"verdict,omitempty"`
	Findings []findingJSON `json:"findings"`
	Notes    []string      `json:"notes,omitempty"`
	Checked  int           `json:"values_checked,omitempty"`
	Readers  []string      `json:"readers,omitempty"`
}

type findingJSON struct {
	Class     string   `json:"class"`
	Path      string   `json:"path"`
	Offset    int64    `json:"offset"`
	Count     int      `json:"count,omitempty"`
	Action    string   `json:"action,omitempty"`
	Value     string   `json:"value,omitempty"`
	Lat       *float64 `json:"lat,omitempty"`
	Lon       *float64 `json:"lon,omitempty"`
	Precision float64  `json:"precision_m,omitempty"`
}

type pairJSON struct {
	Type     string    `json:"type"` // "pair"
	Original string    `json:"original,omitempty"`
	Clean    string    `json:"clean,omitempty"`
	Status   string    `json:"status"`
	Reason   string    `json:"reason,omitempty"`
	Checked  int       `json:"values_checked"`
	Readers  []string  `json:"readers,omitempty"`
	Hits     []hitJSON `json:"hits"`
}

type hitJSON struct {
	Class  string `json:"class"`
	Path   string `json:"path"`
	Offset int64  `json:"offset"`
	As     string `json:"as"`
}

type totalJSON struct {
	Type    string         `json:"type"` // "total", or "folder" with its path
	Path    string         `json:"path,omitempty"`
	Files   int            `json:"files"`
	Status  map[string]int `json:"status"`
	Classes map[string]int `json:"files_with"`
	Removed int            `json:"removed"`
	Checked int            `json:"values_checked"`
}

func (p *jsonPrinter) line(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only strings and numbers are marshalled
	}
	p.w.Write(append(b, '\n'))
}

func (p *jsonPrinter) File(o pipeline.Outcome) {
	p.folders.add(o)
	f := fileJSON{
		Type: "file", Path: o.Source.Label, Format: o.Format, Status: string(o.Status), Output: o.Output, Reason: o.Why(),
		Notes: o.Notes, Checked: o.Checked.Values, Readers: o.Checked.Readers, Findings: []findingJSON{},
	}
	if o.Status != pipeline.Refused && o.Status != pipeline.Failed && o.Status != pipeline.Skipped {
		f.Verdict = pipeline.Verdict(pipeline.Tell(o.Findings))
	}
	for _, j := range o.Findings {
		if j.Class == privacy.Technical && !p.o.Verbose {
			continue
		}
		fj := findingJSON{Class: string(j.Class), Path: j.Path, Count: j.Count}
		if o.Status != pipeline.Inspected {
			fj.Action = string(j.Action)
		}
		if len(j.Spans) > 0 {
			fj.Offset = j.Spans[0].Off
		}
		if j.Value != "" {
			fj.Value = "[redacted]"
		}
		if j.Where != nil {
			fj.Precision = pipeline.Precision(*j.Where)
		}
		if p.o.Values {
			fj.Value = j.Value.Reveal()
			if j.Where != nil {
				fj.Lat, fj.Lon = &j.Where.Lat, &j.Where.Lon
			}
		}
		f.Findings = append(f.Findings, fj)
	}
	p.line(f)
}

func (p *jsonPrinter) Pair(c pipeline.Compared) {
	j := pairJSON{Type: "pair", Original: c.Original, Clean: c.Clean, Status: string(c.Status), Checked: c.Checked.Values, Readers: c.Checked.Readers, Hits: []hitJSON{}}
	if c.Err != nil {
		j.Reason = c.Err.Error()
	}
	for _, h := range c.Hits {
		j.Hits = append(j.Hits, hitJSON{Class: string(h.Class), Path: h.Path, Offset: h.Off, As: h.As})
	}
	p.line(j)
}

func (p *jsonPrinter) Total(t pipeline.Totals) {
	for _, f := range p.folders.list() {
		p.total("folder", f.path, f.Totals)
	}
	p.total("total", "", t)
}

func (p *jsonPrinter) total(kind, path string, t pipeline.Totals) {
	j := totalJSON{Type: kind, Path: path, Files: t.Files, Status: map[string]int{}, Classes: map[string]int{}, Removed: t.Removed, Checked: t.Values}
	for k, v := range t.Status {
		j.Status[string(k)] = v
	}
	for k, v := range t.Classes {
		if k != privacy.Technical {
			j.Classes[string(k)] = v
		}
	}
	p.line(j)
}
