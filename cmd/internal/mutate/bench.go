package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"

	mediaall "flightveil/exifscrub/all"
	"flightveil/internal/atomicfile"
	"flightveil/internal/fault"
	"flightveil/internal/pipeline"
	"flightveil/internal/privacy"
	logall "flightveil/logfmt/all"
	"flightveil/logfmt/export"
)

// A bench holds the runners that mutations are put through.
type bench struct {
	runners []*pipeline.Runner // of the profiles that scrub
	inspect *pipeline.Runner
	track   *pipeline.Runner
	out     *atomicfile.Dir
	path    string
	to      []export.Format
}

func newBench(dir string) (*bench, error) {
	b := &bench{path: dir, to: export.Formats()}
	media, logs := mediaall.Formats(), logall.Formats()
	load := func(name string) (*pipeline.Runner, error) {
		p, err := privacy.LoadProfile(name, nil)
		return &pipeline.Runner{Media: media, Logs: logs, Profile: p, Jobs: 1}, err
	}
	var err error
	for _, name := range []string{"public", "area", "mapping"} {
		r, err := load(name)
		if err != nil {
			return nil, err
		}
		b.runners = append(b.runners, r)
	}
	if b.inspect, err = load("everything"); err != nil {
		return nil, err
	}
	if b.track, err = load("track"); err != nil {
		return nil, err
	}
	b.out, err = atomicfile.Open(dir, atomicfile.Options{Force: true})
	return b, err
}

func (b *bench) close() { b.out.Close() }

// A subject is a file to be damaged.
type subject struct {
	*bench
	label string
	data  []byte
	log   bool
	words []string // values of the undamaged file, which no message may tell
}

func (b *bench) file(path string, data []byte) *subject {
	s := &subject{bench: b, label: filepath.Base(path), data: data}
	for o := range b.inspect.Inspect(context.Background(), s.source(data)) {
		_, s.log = b.inspect.Logs.ByID(o.Format)
		s.words = values(o)
	}
	return s
}

func (s *subject) source(data []byte) []pipeline.Source {
	return []pipeline.Source{pipeline.NewSource(s.label, int64(len(data)), time.Time{}, func() (fs.File, error) {
		return &memory{bytes.NewReader(data), s.label}, nil
	})}
}

// writeEvery is how often a mutation is written and checked as well; the others
// are only planned.
const writeEvery = 16

// try runs mutation number i and returns how long it took and what was wrong.
func (s *subject) try(ctx context.Context, i int) (took time.Duration, bad string) {
	data := mutate(s.data, i)
	source := s.source(data)
	before, started := allocated(), processorTime()
	var outcomes []pipeline.Outcome
	collect := func(o pipeline.Outcome) { outcomes = append(outcomes, o) }
	if s.log || i%2 == 1 {
		for o := range s.inspect.Inspect(ctx, source) {
			collect(o)
		}
	}
	r := s.runners[i/2%len(s.runners)]
	switch written := i%writeEvery == 0; {
	case s.log && written:
		for o := range s.track.Convert(ctx, source, pipeline.ConvertOptions{Out: s.out, Path: s.path, Name: "out", To: s.to[i/writeEvery%len(s.to)]}) {
			collect(o)
		}
	case !s.log && written:
		for o := range r.Scrub(ctx, source, pipeline.ScrubOptions{Out: s.out, Path: s.path, Name: "out"}) {
			collect(o)
		}
	case !s.log && i%2 == 0:
		for o := range r.Scrub(ctx, source, pipeline.ScrubOptions{}) {
			collect(o)
		}
	}
	took = processorTime() - started
	if n := allocated() - before; n > maxMemory {
		return took, fmt.Sprintf("%d MB allocated", n>>20)
	}
	if took > maxTime {
		return took, fmt.Sprintf("took %v", took)
	}
	if len(outcomes) == 0 {
		return took, "no outcome"
	}
	for _, o := range outcomes {
		if errors.Is(o.Err, fault.ErrInternal) {
			return took, o.Why()
		}
		said := messages(o)
		for _, v := range append(values(o), s.words...) {
			if strings.Contains(said, v) {
				return took, fmt.Sprintf("a message tells a value: %.200q in %.400q", v, said)
			}
		}
	}
	return took, ""
}

// messages is all that is said about a file without --show-values.
func messages(o pipeline.Outcome) string {
	var b strings.Builder
	b.WriteString(o.Why())
	for _, n := range o.Notes {
		b.WriteString("\n" + n)
	}
	return b.String()
}

// values returns what a file tells and no message may: texts long enough not to
// be there by chance, and no plain words.
func values(o pipeline.Outcome) []string {
	var out []string
	for _, f := range o.Findings {
		v := strings.TrimSpace(f.Value.Reveal())
		if _, err := strconv.ParseInt(v, 10, 64); err == nil && len(v) < 12 {
			continue // as likely the number of an offset
		}
		if len(v) >= 6 && strings.ContainsAny(v, "0123456789") && f.Class != privacy.Technical && f.Class != privacy.Exposure {
			out = append(out, v)
		}
	}
	return out
}

// memory is a file in memory.
type memory struct {
	*bytes.Reader
	name string
}

func (m *memory) Close() error               { return nil }
func (m *memory) Stat() (fs.FileInfo, error) { return info{m.name, m.Size()}, nil }

type info struct {
	name string
	size int64
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return 0o444 }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }

// allocated is how much memory was ever asked for.
func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

var _ io.ReaderAt = (*memory)(nil)
