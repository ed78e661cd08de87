package bmff

import (
	"encoding/binary"
	"fmt"

	"flightveil/internal/input"
)

// A Track is what the headers of a trak box say (8.3).
type Track struct {
	Box       Box
	ID        uint32
	Handler   string // four bytes: vide, soun, meta …
	Timescale uint32 // units per second
	Duration  uint64
	Entries   []Box // sample descriptions, in order
	Stbl      Box   // zero if there is none
	// External says that samples lie in another file, by sample description:
	// the tables then say nothing about this one.
	External []bool
	*Tables
}

// maxEntries bounds the sample descriptions of a track. Real tracks have one or
// two; some cameras give one to each clip of a day.
const maxEntries = 1024

// Format returns the type of the first sample description.
func (t *Track) Format() string {
	if len(t.Entries) == 0 {
		return ""
	}
	return t.Entries[0].Type
}

// Outside reports whether samples of description entry, counted from 1, lie in
// another file.
func (t *Track) Outside(entry uint32) bool {
	i := int64(entry) - 1
	return i >= 0 && i < int64(len(t.External)) && t.External[i]
}

// ReadTrack reads the headers of trak. A track without media or tables is not
// an error; one whose tables cannot be read is.
func ReadTrack(in input.Input, trak Box) (*Track, error) {
	t := &Track{Box: trak, Tables: &Tables{}}
	if err := t.header(in); err != nil {
		return nil, err
	}
	mdia, ok, err := Find(in, trak, "mdia")
	if !ok {
		return t, err
	}
	if err := t.media(in, mdia); err != nil {
		return nil, err
	}
	stbl, ok, err := Lookup(in, mdia, "minf", "stbl")
	if !ok {
		return t, err
	}
	t.Stbl = stbl
	if err := t.descriptions(in, mdia); err != nil {
		return nil, err
	}
	if t.Tables, err = ReadTables(in, stbl); err != nil {
		return nil, fmt.Errorf("track %d: %w", t.ID, err)
	}
	if t.Handler == "soun" && len(t.Entries) > 0 {
		t.perUnit, err = soundUnit(in, t.Entries[0])
	}
	return t, err
}

// header reads the track ID of tkhd (8.3.2).
func (t *Track) header(in input.Input) error {
	tkhd, ok, err := Find(in, t.Box, "tkhd")
	if !ok {
		return err
	}
	version, _, body, err := tkhd.Full(in)
	if err != nil {
		return err
	}
	body += 8 // creation and modification time
	if version == 1 {
		body += 8
	}
	t.ID, err = u32(in, body, tkhd.End)
	return err
}

// media reads the handler and mdhd (8.4.2, 8.4.3).
func (t *Track) media(in input.Input, mdia Box) error {
	hdlr, ok, err := Find(in, mdia, "hdlr")
	if err != nil {
		return err
	}
	if ok && hdlr.Size() >= 12 {
		b, err := input.ReadRange(in, hdlr.Body+8, 4, 4)
		if err != nil {
			return err
		}
		t.Handler = string(b)
	}
	mdhd, ok, err := Find(in, mdia, "mdhd")
	if !ok {
		return err
	}
	b, err := input.ReadRange(in, mdhd.Body, min(mdhd.Size(), 32), 32)
	if err != nil {
		return err
	}
	switch {
	case len(b) >= 32 && b[0] == 1:
		t.Timescale, t.Duration = binary.BigEndian.Uint32(b[20:]), binary.BigEndian.Uint64(b[24:])
	case len(b) >= 20:
		t.Timescale, t.Duration = binary.BigEndian.Uint32(b[12:]), uint64(binary.BigEndian.Uint32(b[16:]))
	}
	return nil
}

// descriptions reads stsd and where the media of each entry is (8.5.2, 8.7.2).
func (t *Track) descriptions(in input.Input, mdia Box) error {
	stsd, ok, err := Find(in, t.Stbl, "stsd")
	if !ok {
		return err
	}
	local, err := selfContained(in, mdia)
	if err != nil {
		return err
	}
	first, err := stsd.Inner(in)
	if err != nil {
		return err
	}
	for e, err := range Boxes(in, first, stsd.End) {
		if err != nil {
			return err
		}
		if e.Type == "" {
			break
		}
		if len(t.Entries) == maxEntries {
			return fmt.Errorf("more than %d sample descriptions: %w", maxEntries, input.ErrLimit)
		}
		outside := false
		if e.Size() >= 8 {
			b, err := input.ReadRange(in, e.Body+6, 2, 2)
			if err != nil {
				return err
			}
			ref := int(binary.BigEndian.Uint16(b))
			outside = ref >= 1 && ref <= len(local) && !local[ref-1]
		}
		t.Entries, t.External = append(t.Entries, e), append(t.External, outside)
	}
	return nil
}

// selfContained says for each data reference whether it means this file.
func selfContained(in input.Input, mdia Box) ([]bool, error) {
	dref, ok, err := Lookup(in, mdia, "minf", "dinf", "dref")
	if !ok {
		return nil, err
	}
	first, err := dref.Inner(in)
	if err != nil {
		return nil, err
	}
	var local []bool
	for e, err := range Boxes(in, first, dref.End) {
		if err != nil {
			return nil, err
		}
		if e.Type == "" || e.Size() < fullLen {
			break
		}
		if len(local) == maxEntries {
			return nil, fmt.Errorf("more than %d data references: %w", maxEntries, input.ErrLimit)
		}
		_, flags, _, err := e.Full(in)
		if err != nil {
			return nil, err
		}
		local = append(local, flags&1 != 0)
	}
	return local, nil
}
