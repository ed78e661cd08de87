package bmff

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"math"

	"flightveil/internal/input"
)

// Tables says where the samples of a track lie (8.5 to 8.7). Its zero value is
// a track without samples, as in a fragmented file.
type Tables struct {
	sizes   rows  // sizes of samples, unless all have the same
	bits    int64 // width of one size: 4, 8, 16 or 32
	fixed   int64 // the size that all have
	count   int64 // samples
	chunks  rows  // offsets
	wide    bool  // of 64 bits
	perRun  rows  // sample to chunk
	times   rows  // decoding times
	perUnit unit
}

// A Chunk is a run of samples that lie one behind the other.
type Chunk struct {
	Off, Size    int64
	First, Count int64  // samples
	Entry        uint32 // its sample description, counted from 1
}

// A Sample is one sample of a track.
type Sample struct {
	Index     int64
	Off, Size int64
	Time, Dur int64 // decoding time and duration, in units of the track's time scale
	Entry     uint32
}

// ReadTables reads the headers of the tables in stbl.
func ReadTables(in input.Input, stbl Box) (*Tables, error) {
	t := &Tables{}
	seen := map[string]bool{}
	for b, err := range Boxes(in, stbl.Body, stbl.End) {
		if err != nil {
			return nil, err
		}
		kind := b.Type
		switch kind {
		case "co64":
			kind = "stco"
		case "stz2":
			kind = "stsz"
		case "stsz", "stco", "stsc", "stts":
		default:
			continue
		}
		if seen[kind] || b.Cut {
			return nil, fmt.Errorf("%s box at %d: %w", b.Name(), b.Start, ErrDamaged)
		}
		seen[kind] = true
		if err := t.table(in, b); err != nil {
			return nil, fmt.Errorf("%s box at %d: %w", b.Name(), b.Start, err)
		}
	}
	if t.count > 0 && t.chunks.n > 0 && t.perRun.n == 0 {
		return nil, fmt.Errorf("samples without sample to chunk table: %w", ErrDamaged)
	}
	return t, nil
}

func (t *Tables) table(in input.Input, b Box) (err error) {
	switch b.Type {
	case "stsz", "stz2":
		return t.sizeTable(in, b)
	case "stco":
		t.chunks, err = countedRows(in, b, 4)
	case "co64":
		t.wide = true
		t.chunks, err = countedRows(in, b, 8)
	case "stsc":
		t.perRun, err = countedRows(in, b, 12)
	case "stts":
		t.times, err = countedRows(in, b, 8)
	}
	return err
}

// sizeTable reads stsz or stz2 (8.7.3).
func (t *Tables) sizeTable(in input.Input, b Box) error {
	_, _, body, err := b.Full(in)
	if err != nil {
		return err
	}
	size, err := u32(in, body, b.End)
	if err != nil {
		return err
	}
	n, err := u32(in, body+4, b.End)
	if err != nil {
		return err
	}
	t.count = int64(n)
	switch {
	case b.Type == "stsz" && size > 0:
		t.fixed = int64(size)
		return nil
	case b.Type == "stsz":
		t.bits = 32
	default:
		if t.bits = int64(size & 0xFF); t.bits != 4 && t.bits != 8 && t.bits != 16 {
			return fmt.Errorf("sizes of %d bits: %w", t.bits, ErrDamaged)
		}
	}
	if t.bits == 4 {
		t.sizes, err = newRows(in, body+8, b.End, (t.count+1)/2, 1)
		return err
	}
	t.sizes, err = newRows(in, body+8, b.End, t.count, t.bits/8)
	return err
}

// Count returns how many samples the track has.
func (t *Tables) Count() int64 { return t.count }

// ChunkCount returns how many chunks the track has.
func (t *Tables) ChunkCount() int64 { return t.chunks.n }

// size returns the size of sample i.
func (t *Tables) size(i int64) (int64, error) {
	if t.fixed > 0 {
		return t.fixed, nil
	}
	if t.bits == 4 {
		b, err := t.sizes.at(i / 2)
		if err != nil {
			return 0, err
		}
		if i%2 == 0 {
			return int64(b[0] >> 4), nil
		}
		return int64(b[0] & 15), nil
	}
	b, err := t.sizes.at(i)
	if err != nil {
		return 0, err
	}
	switch t.bits {
	case 8:
		return int64(b[0]), nil
	case 16:
		return int64(binary.BigEndian.Uint16(b)), nil
	}
	return int64(binary.BigEndian.Uint32(b)), nil
}

// fork returns t for a walk of its own.
func (t *Tables) fork() *Tables {
	c := *t
	c.sizes, c.chunks, c.perRun, c.times = t.sizes.fork(), t.chunks.fork(), t.perRun.fork(), t.times.fork()
	return &c
}

// Chunks yields the chunks in the order of the table, which is that of time.
// They may lie anywhere, also outside the file. Work is bounded by the size of
// the tables.
func (t *Tables) Chunks() iter.Seq2[Chunk, error] {
	return func(yield func(Chunk, error) bool) {
		for c := t.Cursor(); ; {
			chunk, ok, err := c.Next()
			if !ok && err == nil || !yield(chunk, err) || err != nil {
				return
			}
		}
	}
}

// A Cursor is a walk over chunks that is taken step by step.
type Cursor struct {
	w chunkWalk
	i int64
}

// Cursor returns a walk that begins at the first chunk.
func (t *Tables) Cursor() *Cursor { return &Cursor{w: chunkWalk{t: t.fork()}} }

// Next returns the next chunk. ok is false behind the last one.
func (c *Cursor) Next() (chunk Chunk, ok bool, err error) {
	if c.i >= c.w.t.chunks.n || c.w.sample >= c.w.t.count {
		return Chunk{}, false, nil
	}
	if chunk, err = c.w.next(c.i); err == nil {
		chunk.Size, err = c.w.t.bytes(chunk)
	}
	c.i++
	return chunk, err == nil, err
}

// chunkWalk knows where in the sample to chunk table a walk is.
type chunkWalk struct {
	t      *Tables
	run    int64 // entry of the sample to chunk table
	until  int64 // first chunk of the next entry
	per    int64
	entry  uint32
	sample int64
}

// next returns chunk i without its size.
func (w *chunkWalk) next(i int64) (Chunk, error) {
	t := w.t
	for i >= w.until {
		if w.run == t.perRun.n {
			return Chunk{}, fmt.Errorf("chunk %d: %w", i, ErrDamaged)
		}
		e, err := t.perRun.at(w.run)
		if err != nil {
			return Chunk{}, err
		}
		first := int64(binary.BigEndian.Uint32(e)) - 1
		w.per, w.entry = int64(binary.BigEndian.Uint32(e[4:])), binary.BigEndian.Uint32(e[8:])
		if w.run++; first != w.until && w.run > 1 || first > i {
			return Chunk{}, fmt.Errorf("sample to chunk entry %d: %w", w.run, ErrDamaged)
		}
		w.until = math.MaxInt64
		if w.run < t.perRun.n {
			next, err := t.perRun.u32(w.run, 0)
			if err != nil {
				return Chunk{}, err
			}
			if w.until = int64(next) - 1; w.until <= first {
				return Chunk{}, fmt.Errorf("sample to chunk entry %d: %w", w.run+1, ErrDamaged)
			}
		}
	}
	off, err := t.offset(i)
	if err != nil {
		return Chunk{}, err
	}
	c := Chunk{Off: off, First: w.sample, Count: min(w.per, t.count-w.sample), Entry: w.entry}
	w.sample += c.Count
	return c, nil
}

// offset returns where chunk i begins. What no file can hold is an error.
func (t *Tables) offset(i int64) (int64, error) {
	b, err := t.chunks.at(i)
	if err != nil {
		return 0, err
	}
	if !t.wide {
		return int64(binary.BigEndian.Uint32(b)), nil
	}
	off := binary.BigEndian.Uint64(b)
	if off > math.MaxInt64/2 {
		return 0, fmt.Errorf("offset of chunk %d: %w", i, ErrDamaged)
	}
	return int64(off), nil
}

// bytes returns the size of c.
func (t *Tables) bytes(c Chunk) (int64, error) {
	if t.fixed > 0 {
		return t.perUnit.length(c.Count, t.fixed), nil
	}
	var sum int64
	for i := c.First; i < c.First+c.Count; i++ {
		n, err := t.size(i)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

// Samples yields every sample in decoding order. Of raw sound, whose samples
// are single instants, each chunk comes as one sample. The first sample that
// leaves the file ends the walk, with an error that wraps [io.ErrUnexpectedEOF].
func (t *Tables) Samples() iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		clock := clock{times: t.times.fork()}
		f := t.fork()
		for c, err := range t.Chunks() {
			if err != nil {
				yield(Sample{}, err)
				return
			}
			if t.fixed > 0 && t.perUnit.samples > 0 {
				s := Sample{Index: c.First, Off: c.Off, Size: c.Size, Entry: c.Entry}
				s.Time, s.Dur = clock.advance(c.Count)
				if err := cmp.Or(clock.err, inside(t.chunks.in, s)); !yield(s, err) || err != nil {
					return
				}
				continue
			}
			s := Sample{Off: c.Off, Entry: c.Entry}
			for s.Index = c.First; s.Index < c.First+c.Count; s.Index++ {
				s.Size, err = f.size(s.Index)
				s.Time, s.Dur = clock.advance(1)
				if err == nil {
					err = cmp.Or(clock.err, inside(t.chunks.in, s))
				}
				if !yield(s, err) || err != nil {
					return
				}
				s.Off += s.Size
			}
		}
	}
}

// inside returns an error if s leaves in.
func inside(in input.Input, s Sample) error {
	if s.Size > 0 && (s.Off > in.Size() || s.Size > in.Size()-s.Off) {
		return fmt.Errorf("sample %d: %w", s.Index, io.ErrUnexpectedEOF)
	}
	return nil
}

// clock walks the decoding times.
type clock struct {
	times rows
	entry int64 // that is read next
	left  int64 // samples of the current entry
	delta int64
	now   int64
	err   error
}

// advance returns the time of the next n samples and how long they last.
func (c *clock) advance(n int64) (now, dur int64) {
	now = c.now
	for n > 0 {
		if c.left == 0 {
			if c.entry == c.times.n { // a short table: time stands still
				break
			}
			e, err := c.times.at(c.entry)
			if err != nil {
				c.err = err
				return now, 0
			}
			c.entry++
			c.left, c.delta = int64(binary.BigEndian.Uint32(e)), int64(binary.BigEndian.Uint32(e[4:]))
			continue
		}
		k := min(n, c.left)
		c.left -= k
		n -= k
		c.now += k * c.delta
	}
	return now, c.now - now
}
