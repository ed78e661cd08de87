package logfmttest

import (
	"bytes"
	"context"
	"iter"

	"flightveil/logfmt"
	"flightveil/logfmt/export"
)

// TB is what Reread needs of a test: rapid's are no testing.TB.
type TB interface {
	Helper()
	Fatal(...any)
}

// Reread writes records in the output format called output, and returns the
// fixes that f reads of it.
func Reread(t TB, f logfmt.Format, output string, records []logfmt.Record) (fixes []logfmt.Fix) {
	t.Helper()
	encoder, ok := export.ByID(output)
	if !ok {
		t.Fatal("no output format called ", output)
	}
	var b bytes.Buffer
	if err := encoder.Encode(&b, func() iter.Seq2[logfmt.Record, error] {
		return func(yield func(logfmt.Record, error) bool) {
			for _, r := range records {
				if !yield(r, nil) {
					return
				}
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	for r, err := range f.Decode(context.Background(), bytes.NewReader(b.Bytes()), logfmt.Limits{}) {
		if err != nil {
			t.Fatal(err)
		}
		if fix, ok := r.(logfmt.Fix); ok {
			fixes = append(fixes, fix)
		}
	}
	return fixes
}
