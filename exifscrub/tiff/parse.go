package tiff

import (
	"context"
	"fmt"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/block/tiff"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// kind is what sort of file this is.
type kind int

const (
	block kind = iota // Exif: no image data but a thumbnail
	plain             // TIFF, BigTIFF, GeoTIFF
	dng               // DNG 1.7: everything in it is specified
	raw               // a maker's own format: what is not understood may be needed
)

// maxText is how much of a value is shown and searched for.
const maxText = 64 << 10

// A doc is a parsed file.
type doc struct {
	ctx         context.Context
	in          exifscrub.Input
	lim         exifscrub.Limits
	tree        *tiff.Tree
	r           tiff.Reader
	kind        kind
	make, model string
	dirs        map[*tiff.Dir]*dir
	at          map[int64]*dir
	leads       map[ref][]*dir // where pointers lead
	images      []image
	items       []item
	values      spans                   // the header, all tables, all values outside their entries; ascending
	owned       spans                   // the same, joined
	astray      map[ref]bool            // entries whose value lies inside a table
	shared      map[exifscrub.Span]bool // those of values that share bytes with another
	data        spans                   // image data; ascending, joined
	notes       []*note
}

// A dir is a directory and what its entries are to us.
type dir struct {
	*tiff.Dir
	roles []role
	// thumb says that the directory describes a thumbnail and goes with it.
	thumb     bool
	positions [2]position // of a GPS IFD: the camera's and its target's
}

// role is what an entry is.
type role int

const (
	bare    role = iota // structure: not worth keeping a directory for
	telling             // an item: goes when the policy says so
	pointer             // leads to directories, and goes with them
	picture             // says where image data lies, or how to develop it
)

// An item is what Walk yields, with what Edits does about it.
type item struct {
	exifscrub.Item
	apply func(*editor, exifscrub.Decision)
}

// ref names an entry.
type ref struct {
	dir   *dir
	entry int
}

func (r ref) Entry() tiff.Entry { return r.dir.Entries[r.entry] }

func parse(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) (*doc, error) {
	d := &doc{ctx: ctx, in: in, lim: lim.Defaults(), dirs: map[*tiff.Dir]*dir{}, at: map[int64]*dir{}, leads: map[ref][]*dir{}, astray: map[ref]bool{}}
	var err error
	if d.tree, err = tiff.Read(in, d.lim); err != nil {
		return nil, err
	}
	d.r = d.tree.Reader
	d.aloneGPS()
	for _, t := range d.tree.Dirs {
		d.dirs[t] = &dir{Dir: t, roles: make([]role, len(t.Entries))}
		d.at[t.Off] = d.dirs[t]
	}
	for _, t := range d.tree.Dirs {
		for _, p := range t.Refs {
			from := d.dirs[p.Dir]
			from.roles[p.Entry] = pointer
			d.leads[ref{from, p.Entry}] = append(d.leads[ref{from, p.Entry}], d.dirs[t])
		}
	}
	if err := d.classify(); err != nil {
		return nil, err
	}
	if err := d.layout(); err != nil {
		return nil, err
	}
	if err := d.findImages(); err != nil {
		return nil, err
	}
	if done, err := d.aloneNote(); done || err != nil {
		return d, err
	}
	d.refuseUnknownRaw()
	for _, t := range d.tree.Dirs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := d.directory(d.dirs[t]); err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name, err)
		}
	}
	for _, l := range d.tree.Loose {
		d.loose(l)
	}
	if err := d.gaps(); err != nil {
		return nil, fmt.Errorf("looking at what no tag names: %w", err)
	}
	return d, nil
}

// developed reports whether the file is for a raw converter.
func (d *doc) developed() bool { return d.kind == raw || d.kind == dng }

// classify finds out what kind of file this is.
func (d *doc) classify() error {
	first := d.tree.Dirs[0]
	text := func(tag uint16) string {
		e, _ := first.Find(tag)
		s, _ := d.r.Text(e, 256)
		return s
	}
	d.make, d.model = text(tagMake), text(tagModel)
	for _, t := range d.tree.Dirs {
		if t.Kind != tiff.Main && t.Kind != tiff.Sub {
			continue
		}
		_, strips := t.Find(tiff.TagStripOffsets)
		_, tiles := t.Find(tiff.TagTileOffsets)
		_, jpeg := t.Find(tiff.TagJPEGOffset)
		if (strips || tiles) && (t == first || t.Kind == tiff.Sub) || jpeg && t == first {
			d.kind = plain
		}
	}
	if d.kind == plain && slices.ContainsFunc(d.tree.Dirs, d.rawImage) {
		d.kind = raw
	}
	if d.tree.Magic == tiff.Olympus || d.tree.Magic == tiff.OlympusSP || d.tree.Magic == tiff.Panasonic {
		d.kind = raw
	}
	if b, err := input.ReadRange(d.in, 0, min(16, d.in.Size()), 16); err != nil {
		return err
	} else if len(b) == 16 && string(b[8:11]) == "CR\x02" { // CR2 version 2
		d.kind, d.tree.Len = raw, 16
	} else if len(b) == 16 && (string(b[8:12]) == "IIII" || string(b[8:12]) == "MMMM") { // IIQ
		d.kind = raw
	}
	if _, ok := first.Find(tagLeafData); ok && d.kind != block {
		d.kind = raw
	}
	if v, _ := first.Find(tagDNGVersion); v.Valid && d.kind != block {
		d.kind = dng
	}
	return nil
}

// rawImage reports whether t describes image data of a sensor.
func (d *doc) rawImage(t *tiff.Dir) bool {
	if t.Kind != tiff.Main && t.Kind != tiff.Sub {
		return false
	}
	get := func(tag uint16) int64 {
		e, _ := t.Find(tag)
		v, _ := d.r.Integer(e)
		return v
	}
	switch get(tiff.TagPhotometric) {
	case 32803, 34892: // TIFF/EP: colour filter array; DNG: linear raw
		return true
	}
	switch get(tiff.TagCompression) {
	case 32767, 32769, 32770, 34316, 34713, 65000, 65535: // Sony, packed, Samsung, Panasonic, Nikon, Kodak, Pentax
		return true
	}
	return false
}

// layout collects what lies where.
func (d *doc) layout() error {
	var tables spans
	for _, t := range d.tree.Dirs {
		tables = append(tables, exifscrub.Span{Off: t.Off, Len: t.Len})
	}
	slices.SortFunc(tables, bySpan)
	for i := 1; i < len(tables); i++ {
		if tables[i].Off < tables[i-1].End() {
			return fmt.Errorf("two IFDs share bytes at %d: %w", tables[i].Off, input.ErrUnsupported)
		}
	}
	d.values = append(slices.Clone(tables), exifscrub.Span{Len: d.tree.Len})
	tables = slices.Clone(d.values).join()
	for _, t := range d.tree.Dirs {
		for i := range t.Entries {
			e := &t.Entries[i]
			switch {
			case !e.Valid || e.Inline || e.Value.Len == 0:
				continue
			case !tables.touch(e.Value):
				d.values = append(d.values, e.Value)
			case tiff.IsLayout(e.Tag), d.dirs[t].roles[i] == pointer:
				return fmt.Errorf("%s: the value of tag %04X lies inside an IFD: %w", t.Name, e.Tag, input.ErrUnsupported)
			default: // no value: the table changes when entries go
				e.Valid, e.Value = false, exifscrub.Span{}
				d.astray[ref{d.dirs[t], i}] = true
			}
		}
	}
	slices.SortFunc(d.values, bySpan)
	d.owned, d.shared = slices.Clone(d.values).join(), d.values.overlapping()
	return nil
}

// alone reports whether the value of e shares no byte with another value, a
// table or image data.
func (d *doc) alone(e tiff.Entry) bool {
	return e.Inline || !d.shared[e.Value] && !d.data.touch(e.Value)
}

func (d *doc) add(it exifscrub.Item, apply func(*editor, exifscrub.Decision)) {
	d.items = append(d.items, item{it, apply})
}

func (d *doc) note(format string, args ...any) {
	d.add(exifscrub.Item{Note: fmt.Sprintf(format, args...)}, nil)
}

// finding adds a finding about the entry r that is removed with the entry.
func (d *doc) finding(r ref, f privacy.Finding) {
	r.dir.roles[r.entry] = telling
	d.add(exifscrub.Item{Finding: &f}, func(e *editor, dec exifscrub.Decision) {
		if dec.Action != privacy.Keep {
			e.remove(r, f.Class)
		}
	})
}

// directory adds the items of one directory.
func (d *doc) directory(x *dir) error {
	if x.Cut {
		d.note("%s is cut off by the end of the file", x.Name)
	}
	if x.Kind == tiff.GPS {
		for i, first := range []uint16{tagGPSLatitudeRef, tagGPSDestLatitudeRef} {
			var err error
			if x.positions[i], err = d.position(x, first); err != nil {
				return err
			}
		}
	}
	for i := range x.Entries {
		if err := d.entry(ref{x, i}); err != nil {
			return err
		}
	}
	return nil
}

// entry adds the items of one entry.
func (d *doc) entry(r ref) error {
	e := r.Entry()
	t := d.lookup(r.dir.Kind, e.Tag)
	f := privacy.Finding{Class: t.class, Path: r.dir.Name + "/" + t.name}
	if e.Valid {
		f.Spans = []exifscrub.Span{e.Value}
	}
	switch {
	case r.dir.roles[r.entry] != bare:
		return nil
	case !e.Valid && !d.astray[r] && d.kind != block && (t.class == structure || t.class == pixels) && (e.Type.Size() > 0 || tiff.IsLayout(e.Tag)):
		return nil // a file cut short: nothing of the value is left to tell
	case !e.Valid:
		f.Class = privacy.Unknown
		f.Spans = []exifscrub.Span{{Off: e.At, Len: d.r.EntrySize()}}
		d.finding(r, f)
		return nil
	}
	if done, err := d.special(r, f); done || err != nil {
		return err
	}
	switch t.class {
	case structure:
		return nil
	case pixels:
		r.dir.roles[r.entry] = picture
		return nil
	}
	blank, err := d.blank(e, t)
	if err != nil || blank {
		return err
	}
	if f.Value, err = d.text(e); err != nil {
		return err
	}
	if r.dir.Kind == tiff.GPS {
		for _, p := range r.dir.positions {
			if e.Tag >= p.first && e.Tag < p.first+4 {
				return d.positionTag(r, p, f)
			}
		}
		if e.Tag == tagAltitude || e.Tag == tagAltitudeRef {
			d.altitude(r, f)
			return nil
		}
	}
	if t.class == privacy.Time {
		return d.time(r, f)
	}
	d.finding(r, f)
	return nil
}

// special handles tags that are more than a value.
func (d *doc) special(r ref, f privacy.Finding) (done bool, err error) {
	e := r.Entry()
	if r.dir.Kind == tiff.GPS {
		return false, nil
	}
	switch e.Tag {
	case tagXMP:
		d.child(r, exifscrub.Child{Format: "xmp"})
	case tagIPTC, tagAFCPIPTC:
		d.child(r, exifscrub.Child{Format: "iptc"})
	case tagPhotoshop:
		d.child(r, exifscrub.Child{Format: "psir"})
	case tagJUMBF:
		d.child(r, exifscrub.Child{Format: "jumbf", Class: privacy.Provenance})
	case tagMakerNote:
		return true, d.makerNote(r, f)
	case tagDNGPrivateData:
		return true, d.dngPrivate(r, f)
	case tagOpcodeList1, tagOpcodeList2, tagOpcodeList3:
		return true, d.opcodes(r, f)
	case tagModelTiePoint:
		return true, d.tiePoint(r, f)
	case tagOrientation, tagColorSpace:
		if v, ok := d.r.Integer(e); ok && v == 1 {
			return true, nil // upright, sRGB: what readers assume anyway
		}
	case tagInteropIndex:
		if s, _ := d.r.Text(e, 4); r.dir.Kind == tiff.Interop && s == "R98" {
			return true, nil // sRGB
		}
	case tagJpgFromRaw, tagJpgFromRaw2:
		if d.tree.Magic == tiff.Panasonic && r.dir.Kind == tiff.Main {
			if !d.alone(e) {
				f.Class = privacy.Preview
				d.finding(r, f)
				return true, nil
			}
			return true, d.preview(f.Path, e.Value, false, func(ed *editor) { ed.parts = append(ed.parts, e.Value) })
		}
	}
	switch e.Tag {
	case tagXMP, tagIPTC, tagAFCPIPTC, tagPhotoshop, tagJUMBF:
		return true, nil
	}
	return false, nil
}

// child adds the value of an entry as a metadata block of its own.
func (d *doc) child(r ref, c exifscrub.Child) {
	e := r.Entry()
	if !d.alone(e) { // edits inside would change what shares its bytes
		t := d.lookup(r.dir.Kind, e.Tag)
		d.finding(r, privacy.Finding{Class: t.class, Path: r.dir.Name + "/" + t.name, Spans: []exifscrub.Span{e.Value}})
		return
	}
	c.Path = r.dir.Name + "/" + d.lookup(r.dir.Kind, e.Tag).name
	c.Spans = []exifscrub.Span{e.Value}
	c.Fixed, c.Expendable = true, true
	r.dir.roles[r.entry] = telling
	d.add(exifscrub.Item{Child: &c}, func(ed *editor, dec exifscrub.Decision) {
		if dec.Gone() {
			ed.remove(r, privacy.Unknown)
		} else {
			ed.shorten(r, dec.Inner)
		}
	})
}

// loose adds a pointer that leads nowhere.
func (d *doc) loose(l tiff.Ref) {
	x := d.dirs[l.Dir]
	if l.Entry < 0 {
		f := privacy.Finding{Class: privacy.Unknown, Path: x.Name + "/NextIFD", Spans: []exifscrub.Span{{Off: x.NextAt, Len: d.r.PointerSize()}}}
		d.add(exifscrub.Item{Finding: &f}, func(e *editor, dec exifscrub.Decision) {
			if dec.Action != privacy.Keep {
				e.unchain[x] = true
			}
		})
		return
	}
	r := ref{x, l.Entry}
	e := r.Entry()
	if x.roles[l.Entry] == pointer || e.Tag == tiff.TagSubIFDs && d.kind == raw {
		return // the other values of the entry lead somewhere, or it points to raw data
	}
	f := privacy.Finding{Class: privacy.Unknown, Path: x.Name + "/" + d.lookup(x.Kind, e.Tag).name, Spans: []exifscrub.Span{{Off: e.At, Len: d.r.EntrySize()}}}
	d.finding(r, f)
}
