package tiff

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/block/tiff"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// gaps adds a finding about the bytes that nothing in the file accounts for:
// what editors left behind of older values, padding, what follows the end. In
// raw files such bytes may be needed, so there only known serial numbers count.
func (d *doc) gaps() error {
	owned := slices.Clone(d.values)
	for _, im := range d.images {
		owned = append(append(owned, im.Spans...), im.Guess...)
	}
	ghost, err := d.ghost()
	if err != nil {
		return err
	}
	if owned = append(owned, ghost); ghost.Len > 0 {
		const mark = 4 // the size before a tile, its last bytes again behind it
		for _, im := range d.images {
			for _, s := range im.Spans {
				owned = append(owned, exifscrub.Span{Off: max(0, s.Off-mark), Len: min(s.Off, mark) + s.Len + mark})
			}
		}
	}
	more, complete, err := d.profiles()
	if err != nil {
		return err
	}
	owned = append(owned, more...)
	free := spans{{Len: d.in.Size()}}.minus(owned.join())
	if d.kind == raw || !complete {
		if free, err = d.cutValues(free); err != nil {
			return err
		}
		return d.sensorIDs(free)
	}
	var found spans
	for _, g := range free {
		if found, err = d.nonZero(found, g); err != nil {
			return err
		}
		if len(found) > d.lim.Items {
			return fmt.Errorf("more than %d gaps: %w", d.lim.Items, input.ErrLimit)
		}
	}
	if len(found) == 0 {
		return nil
	}
	if d.unexplained(found) {
		d.refuse("Gap", found, "most of the file is bytes that no tag accounts for: they may be the picture")
		return nil
	}
	f := privacy.Finding{Class: privacy.Unknown, Path: "Gap", Spans: found, Count: len(found)}
	d.add(exifscrub.Item{Finding: &f}, func(e *editor, dec exifscrub.Decision) {
		if dec.Action != privacy.Keep {
			e.zero = append(e.zero, found...)
		}
	})
	return nil
}

// cutValues adds findings about what is there of values that the end of the
// file cuts off, such as a preview, and returns the rest of free. Only in a file
// that lacks image data, too: otherwise it is the entry that is wrong.
func (d *doc) cutValues(free spans) (spans, error) {
	if !slices.ContainsFunc(d.images, func(im image) bool { return im.Cut }) {
		return free, nil
	}
	for _, t := range d.tree.Dirs {
		for _, e := range t.Entries {
			off, cut := d.r.CutOff(e)
			if !cut {
				continue
			}
			rest := free.minus(spans{{Off: off, Len: d.in.Size() - off}})
			var found spans
			var err error
			for _, g := range free.minus(rest) {
				if found, err = d.nonZero(found, g); err != nil {
					return nil, err
				}
			}
			if free = rest; len(found) == 0 {
				continue
			}
			class := privacy.Unknown
			if e.Tag == tagJpgFromRaw || e.Tag == tagJpgFromRaw2 {
				class = privacy.Preview
			}
			x := d.dirs[t]
			f := privacy.Finding{Class: class, Path: x.Name + "/" + d.lookup(x.Kind, e.Tag).name, Spans: found, Count: len(found)}
			d.add(exifscrub.Item{Finding: &f}, func(ed *editor, dec exifscrub.Decision) {
				if dec.Action != privacy.Keep {
					ed.zero = append(ed.zero, found...)
				}
			})
		}
	}
	return free, nil
}

// nonZero adds to found the part of g from its first to its last byte that is
// not zero.
func (d *doc) nonZero(found spans, g exifscrub.Span) (spans, error) {
	buf := make([]byte, min(g.Len, 64<<10))
	first, last := int64(-1), int64(-1)
	for done := int64(0); done < g.Len; {
		if err := d.ctx.Err(); err != nil {
			return nil, err
		}
		b := buf[:min(int64(len(buf)), g.Len-done)]
		if err := input.ReadFull(d.in, b, g.Off+done); err != nil {
			return nil, err
		}
		if left := bytes.TrimLeft(b, "\x00"); len(left) > 0 {
			if first < 0 {
				first = done + int64(len(b)-len(left))
			}
			last = done + int64(len(bytes.TrimRight(b, "\x00")))
		}
		done += int64(len(b))
	}
	if first < 0 {
		return found, nil
	}
	return append(found, exifscrub.Span{Off: g.Off + first, Len: last - first}), nil
}

// ghost returns where a cloud optimised GeoTIFF says how it is laid out: text
// behind the header, which readers look for before anything else.
// https://gdal.org/en/stable/drivers/raster/cog.html#header-ghost-area
func (d *doc) ghost() (exifscrub.Span, error) {
	end := min(1024, d.in.Size())
	for _, s := range slices.Concat(d.values, d.data) {
		if s.Off >= d.tree.Len {
			end = min(end, s.Off)
		}
	}
	b, err := input.ReadRange(d.in, d.tree.Len, end-d.tree.Len, end)
	if err != nil || !bytes.HasPrefix(b, []byte("GDAL_STRUCTURAL_METADATA_SIZE=")) {
		return exifscrub.Span{}, err
	}
	known := regexp.MustCompile(`^GDAL_STRUCTURAL_METADATA_SIZE=[0-9]{6} bytes\n(?:(?:LAYOUT|BLOCK_ORDER|BLOCK_LEADER|BLOCK_TRAILER|KNOWN_INCOMPATIBLE_EDITION|MASK_INTERLEAVED_WITH_IMAGERY)=[A-Z0-9_]{1,40}\n)+ ?`)
	return exifscrub.Span{Off: d.tree.Len, Len: int64(len(known.Find(b)))}, nil
}

// profiles returns what the extra camera profiles of a DNG take: files within
// the file with offsets of their own (DNG 1.7, ExtraCameraProfiles). complete
// is false if they cannot be followed, or if tables lie outside all tags.
func (d *doc) profiles() (owned spans, complete bool, err error) {
	if d.kind != dng {
		return nil, true, nil
	}
	for _, t := range d.tree.Dirs {
		for _, e := range t.Entries {
			switch {
			case e.Tag >= tagBigTables && e.Tag <= tagBigTables+3:
				return nil, false, nil
			case e.Tag != tagProfileIFD:
				continue
			}
			for off, err := range d.r.Integers(e) {
				if err != nil {
					return nil, false, err
				}
				s, ok := d.profile(off)
				if owned = append(owned, s...); !ok {
					return nil, false, nil
				}
				if len(owned) > d.lim.Items {
					return nil, false, fmt.Errorf("camera profiles: %w", input.ErrLimit)
				}
			}
		}
	}
	return owned, true, nil
}

// profile returns what the camera profile at off takes.
func (d *doc) profile(off int64) (owned spans, ok bool) {
	const head = 8 // byte order, magic, offset of the IFD
	b, err := input.ReadRange(d.in, off, head, head)
	if err != nil || string(b[:4]) != "IIRC" && string(b[:4]) != "MMCR" {
		return nil, false
	}
	h, err := tiff.ParseHeader(append([]byte{b[0], b[1]}, d.classic(b)...))
	if err != nil {
		return nil, false
	}
	r := h.Reader(d.in)
	r.Base = off
	ifd, err := r.IFD(off+h.First, 1<<10)
	if err != nil || ifd.Cut {
		return nil, false
	}
	owned = spans{{Off: off, Len: head}, {Off: ifd.Off, Len: ifd.Len}}
	for _, e := range ifd.Entries {
		if !e.Valid {
			return nil, false
		}
		if !e.Inline {
			owned = append(owned, e.Value)
		}
	}
	return owned, true
}

// classic returns the rest of a profile's header b with TIFF's magic number.
func (d *doc) classic(b []byte) []byte {
	magic := []byte{42, 0}
	if b[0] == 'M' {
		magic = []byte{0, 42}
	}
	return append(magic, b[4:]...)
}

// sensorIDs adds the serial numbers that some drones write in clear text into
// places no tag points to.
func (d *doc) sensorIDs(free spans) error {
	mark := []byte("[sensor_id:")
	const most = 64
	var buf [64 << 10]byte
	for _, g := range free {
		for done := int64(0); done < g.Len; {
			if err := d.ctx.Err(); err != nil {
				return err
			}
			b := buf[:min(int64(len(buf)), g.Len-done)]
			if err := input.ReadFull(d.in, b, g.Off+done); err != nil {
				return err
			}
			for i := 0; ; {
				k := bytes.Index(b[i:], mark)
				if k < 0 {
					break
				}
				i += k + len(mark)
				v := b[i:min(len(b), i+most)]
				if end := bytes.IndexByte(v, ']'); end >= 0 {
					v = v[:end]
				}
				if len(bytes.Trim(v, " \x00")) == 0 {
					continue
				}
				s := exifscrub.Span{Off: g.Off + done + int64(i), Len: int64(len(v))}
				f := privacy.Finding{Class: privacy.Identity, Path: "Gap/sensor_id", Spans: []exifscrub.Span{s}, Value: privacy.Secret(bytes.Trim(v, " \x00"))}
				d.add(exifscrub.Item{Finding: &f}, func(e *editor, dec exifscrub.Decision) {
					if dec.Action != privacy.Keep {
						e.zero = append(e.zero, s)
					}
				})
				if len(d.items) > d.lim.Items {
					return fmt.Errorf("more than %d items: %w", d.lim.Items, input.ErrLimit)
				}
			}
			if done += int64(len(b)); done < g.Len {
				done -= int64(len(mark)) + most // one may lie across the edge
			}
		}
	}
	return nil
}
