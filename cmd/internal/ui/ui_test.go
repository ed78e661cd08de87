package ui

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"flightveil/exifscrub"
	"flightveil/internal/geo"
	"flightveil/internal/input"
	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"
	"flightveil/internal/verify"

	"github.com/google/go-cmp/cmp"
)

func outcome() pipeline.Outcome {
	at := &geo.Point{Lat: -41.38751, Lon: -132.45184}
	find := func(c privacy.Class, path string, v privacy.Secret, w *geo.Point) exifscrub.Judged {
		return exifscrub.Judged{Action: privacy.Remove, Finding: privacy.Finding{Class: c, Path: path, Value: v, Where: w, Count: 2, Spans: []input.Span{{Off: 7, Len: 3}}}}
	}
	return pipeline.Outcome{
		Source: pipeline.Source{Label: "a\x1b[2J.jpg", Size: 10}, Output: "photo-001.jpg", Format: "jpeg", Status: pipeline.Written,
		Findings: []exifscrub.Judged{
			find(privacy.Identity, "APP1/Exif/SerialNumber", "CANARY-7", nil), find(privacy.Location, "APP1/Exif/GPS/GPSLatitude", "-41.38751", at),
			find(privacy.Location, "APP1/Exif/GPS/GPSLongitude", "-132.45184", at), find(privacy.Copyright, "APP1/Exif/Artist", "CANARY-8", nil),
		},
		Notes: []string{"the picture ends early"}, Checked: pipeline.Checked{Values: 4, Readers: []string{"flightveil"}},
	}
}

// TestJSONFields makes a change of the interface for programs deliberate.
func TestJSONFields(t *testing.T) {
	var b bytes.Buffer
	p := New(&b, true, Options{Values: true})
	o := outcome()
	p.File(o)
	o.Err, o.Status = errors.New("x"), pipeline.Refused
	o.Source.Label = "folder/b.jpg"
	p.File(o)
	p.Pair(pipeline.Compared{Original: "a", Clean: "b", Err: errors.New("x"), Checked: o.Checked, Hits: []verify.Hit{{}}})
	p.Total(pipeline.Totals{})
	got := map[string][]string{}
	for line := range strings.Lines(b.String()) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		kind := v["type"].(string)
		for k, x := range v {
			if !slices.Contains(got[kind], k) {
				got[kind] = append(got[kind], k)
			}
			if list, ok := x.([]any); ok && len(list) > 0 {
				if sub, ok := list[0].(map[string]any); ok {
					got[kind+"."+k] = slices.Sorted(maps.Keys(sub))
				}
				if sub, ok := list[min(1, len(list)-1)].(map[string]any); ok && k == "findings" {
					got[kind+"."+k] = slices.Sorted(maps.Keys(sub))
				}
			}
		}
		slices.Sort(got[kind])
	}
	want := map[string][]string{
		"file":          {"findings", "format", "notes", "output", "path", "readers", "reason", "status", "type", "values_checked", "verdict"},
		"file.findings": {"action", "class", "count", "lat", "lon", "offset", "path", "precision_m", "value"},
		"pair":          {"clean", "hits", "original", "readers", "reason", "status", "type", "values_checked"},
		"pair.hits":     {"as", "class", "offset", "path"},
		"folder":        {"files", "files_with", "path", "removed", "status", "type", "values_checked"},
		"total":         {"files", "files_with", "removed", "status", "type", "values_checked"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestValuesAreHidden(t *testing.T) {
	for _, json := range []bool{true, false} {
		var b bytes.Buffer
		p := New(&b, json, Options{Verbose: true})
		for _, s := range []pipeline.Status{pipeline.Written, pipeline.Inspected, pipeline.Planned} {
			o := outcome()
			o.Status = s
			p.File(o)
		}
		if s := b.String(); strings.Contains(s, "CANARY") || strings.Contains(s, "41.3") || strings.Contains(s, "132.4") {
			t.Errorf("a value is shown:\n%s", s)
		}
		if strings.Contains(b.String(), "\x1b[2J") {
			t.Error("a file name sends escape codes to the terminal")
		}
	}
}

func TestText(t *testing.T) {
	var b bytes.Buffer
	p := New(&b, false, Options{Values: true})
	o := outcome()
	o.Status = pipeline.Inspected
	p.File(o)
	for _, want := range []string{
		`"a\x1b[2J.jpg": tells where it was taken (to about 1 m), who or which device (serial numbers, names, ids) and its author`,
		"location    position, to about 1 m, 2 copies: APP1/Exif/GPS = -41.38751; -132.45184",
		"identity    SerialNumber, 2 copies: APP1/Exif = CANARY-7",
		"note: the picture ends early",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}
