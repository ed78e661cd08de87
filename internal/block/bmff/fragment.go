package bmff

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math"

	"flightveil/internal/input"
)

// Defaults are what a trex box gives to the fragments of a track (8.8.3).
type Defaults struct {
	Track, Entry, Dur, Size uint32
}

// ReadDefaults reads the trex boxes of mvex.
func ReadDefaults(in input.Input, mvex Box) ([]Defaults, error) {
	var out []Defaults
	for b, err := range Boxes(in, mvex.Body, mvex.End) {
		if err != nil {
			return nil, err
		}
		if b.Type != "trex" || b.Cut {
			continue
		}
		if len(out) == maxEntries {
			return nil, fmt.Errorf("more than %d tracks with fragments: %w", maxEntries, input.ErrLimit)
		}
		r, err := newRows(in, b.Body+fullLen, b.End, 5, 4)
		if err != nil {
			return nil, err
		}
		var f [5]uint32
		for i := range f {
			if f[i], err = r.u32(int64(i), 0); err != nil {
				return nil, err
			}
		}
		out = append(out, Defaults{Track: f[0], Entry: f[1], Dur: f[2], Size: f[3]})
	}
	return out, nil
}

// A Run is a trun box: samples of one track, one behind the other (8.8.8).
type Run struct {
	Track     uint32
	Traf      Box
	Off, Size int64
	Count     int64
	Time      int64 // decoding time of the first sample, if the fragment says
	Entry     uint32

	in                  input.Input
	table               rows
	flags               uint32
	defSize, defDur     uint32
	sizeField, durField int64 // which u32 of an entry; -1 if not there
}

// Flags of tfhd and trun (8.8.7, 8.8.8).
const (
	tfhdBase, tfhdEntry, tfhdDur, tfhdSize, tfhdFlags = 1, 2, 8, 16, 32
	tfhdMoof                                          = 0x20000
	trunOffset, trunFirst                             = 1, 4
	trunDur, trunSize, trunFlags, trunShift           = 0x100, 0x200, 0x400, 0x800
)

// Runs yields the runs of samples of a moof box, in its order.
func Runs(in input.Input, moof Box, defaults []Defaults) iter.Seq2[Run, error] {
	return func(yield func(Run, error) bool) {
		end, first := moof.Start, true // where the samples of the track fragment before end
		for b, err := range Boxes(in, moof.Body, moof.End) {
			if err != nil {
				yield(Run{}, err)
				return
			}
			if b.Type != "traf" {
				continue
			}
			f := fragment{in: in, traf: b, moof: moof.Start, at: end, first: first}
			for r, err := range f.runs(defaults) {
				if !yield(r, err) || err != nil {
					return
				}
				end, first = r.Off+r.Size, false
			}
		}
	}
}

// TrackFragment returns the track of traf, and whether it says by itself where
// its samples are counted from: otherwise from the end of the one before it.
func TrackFragment(in input.Input, traf Box) (track uint32, based bool, err error) {
	b, ok, err := Find(in, traf, "tfhd")
	if !ok {
		return 0, true, err
	}
	_, flags, pos, err := b.Full(in)
	if err != nil {
		return 0, false, err
	}
	track, err = u32(in, pos, b.End)
	return track, flags&(tfhdBase|tfhdMoof) != 0, err
}

// fragment is a traf box that is being read.
type fragment struct {
	in    input.Input
	traf  Box
	moof  int64
	at    int64 // where samples go that do not say where they are
	first bool
	base  int64
	time  int64
	def   Defaults
	has   bool
}

func (f *fragment) runs(defaults []Defaults) iter.Seq2[Run, error] {
	return func(yield func(Run, error) bool) {
		for b, err := range Boxes(f.in, f.traf.Body, f.traf.End) {
			if err == nil && b.Cut {
				err = fmt.Errorf("%s box at %d: %w", b.Name(), b.Start, ErrDamaged)
			}
			switch {
			case err != nil:
			case b.Type == "tfhd":
				err = f.head(b, defaults)
			case b.Type == "tfdt":
				err = f.decodeTime(b)
			case b.Type == "trun":
				var r Run
				if r, err = f.run(b); err == nil && !yield(r, nil) {
					return
				}
			}
			if err != nil {
				yield(Run{}, err)
				return
			}
		}
	}
}

// head reads tfhd (8.8.7).
func (f *fragment) head(b Box, defaults []Defaults) error {
	_, flags, pos, err := b.Full(f.in)
	if err != nil {
		return err
	}
	if f.def.Track, err = u32(f.in, pos, b.End); err != nil {
		return err
	}
	for _, d := range defaults {
		if d.Track == f.def.Track {
			f.def = d
			break
		}
	}
	pos += 4
	f.base = f.at
	if flags&tfhdBase != 0 {
		if b.End-pos < 8 {
			return fmt.Errorf("tfhd box at %d: %w", b.Start, ErrDamaged)
		}
		v, err := input.ReadRange(f.in, pos, 8, 8)
		if err != nil {
			return err
		}
		off := binary.BigEndian.Uint64(v)
		if off > math.MaxInt64/2 {
			return fmt.Errorf("tfhd box at %d: %w", b.Start, ErrDamaged)
		}
		f.base = int64(off)
		pos += 8
	} else if flags&tfhdMoof != 0 || f.first {
		f.base = f.moof
	}
	for _, field := range []struct {
		flag uint32
		to   *uint32
	}{{tfhdEntry, &f.def.Entry}, {tfhdDur, &f.def.Dur}, {tfhdSize, &f.def.Size}} {
		if flags&field.flag == 0 {
			continue
		}
		if *field.to, err = u32(f.in, pos, b.End); err != nil {
			return err
		}
		pos += 4
	}
	f.at, f.has = f.base, true
	return nil
}

// decodeTime reads tfdt (8.8.12).
func (f *fragment) decodeTime(b Box) error {
	version, _, pos, err := b.Full(f.in)
	if err != nil {
		return err
	}
	if version == 1 && b.End-pos >= 8 {
		v, err := input.ReadRange(f.in, pos, 8, 8)
		if err != nil {
			return err
		}
		f.time = int64(binary.BigEndian.Uint64(v) & math.MaxInt64)
		return nil
	}
	v, err := u32(f.in, pos, b.End)
	f.time = int64(v)
	return err
}

// run reads trun.
func (f *fragment) run(b Box) (Run, error) {
	if !f.has {
		return Run{}, fmt.Errorf("trun box at %d without tfhd: %w", b.Start, ErrDamaged)
	}
	_, flags, pos, err := b.Full(f.in)
	if err != nil {
		return Run{}, err
	}
	n, err := u32(f.in, pos, b.End)
	if err != nil {
		return Run{}, err
	}
	pos += 4
	r := Run{in: f.in, Track: f.def.Track, Traf: f.traf, Off: f.at, Count: int64(n), Time: f.time, Entry: f.def.Entry,
		flags: flags, defSize: f.def.Size, defDur: f.def.Dur, sizeField: -1, durField: -1}
	if flags&trunOffset != 0 {
		v, err := u32(f.in, pos, b.End)
		if err != nil {
			return r, err
		}
		r.Off = f.base + int64(int32(v))
		pos += 4
	}
	if flags&trunFirst != 0 {
		pos += 4
	}
	fields := int64(0)
	for _, flag := range []uint32{trunDur, trunSize, trunFlags, trunShift} {
		if flags&flag == 0 {
			continue
		}
		switch flag {
		case trunDur:
			r.durField = fields
		case trunSize:
			r.sizeField = fields
		}
		fields++
	}
	if fields > 0 {
		if r.table, err = newRows(f.in, pos, b.End, r.Count, 4*fields); err != nil {
			return r, err
		}
	}
	if fields == 0 && r.defSize == 0 && r.Count > 0 {
		return r, fmt.Errorf("trun box at %d has samples of no size: %w", b.Start, ErrDamaged)
	}
	if r.Off < 0 {
		return r, fmt.Errorf("trun box at %d begins before the file: %w", b.Start, ErrDamaged)
	}
	if err := r.measure(&f.time); err != nil {
		return r, err
	}
	f.at = r.Off + r.Size
	return r, nil
}

// measure adds up the sizes, and to now the durations.
func (r *Run) measure(now *int64) error {
	if r.sizeField < 0 && r.durField < 0 {
		r.Size = r.Count * int64(r.defSize)
		*now += r.Count * int64(r.defDur)
		return nil
	}
	for s, err := range r.samples() {
		if err != nil {
			return err
		}
		r.Size += s.Size
		*now += s.Dur
	}
	return nil
}

// Samples yields the samples of r. The first one that leaves the file ends the
// walk, with an error that wraps [io.ErrUnexpectedEOF].
func (r Run) Samples() iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		for s, err := range r.samples() {
			if err == nil {
				err = inside(r.in, s)
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

func (r *Run) samples() iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		table := r.table.fork()
		s := Sample{Off: r.Off, Time: r.Time, Entry: r.Entry, Size: int64(r.defSize), Dur: int64(r.defDur)}
		for ; s.Index < r.Count; s.Index++ {
			var err error
			if r.sizeField >= 0 {
				s.Size, err = table.i64(s.Index, r.sizeField)
			}
			if r.durField >= 0 && err == nil {
				s.Dur, err = table.i64(s.Index, r.durField)
			}
			if !yield(s, err) || err != nil {
				return
			}
			s.Off += s.Size
			s.Time += s.Dur
		}
	}
}
