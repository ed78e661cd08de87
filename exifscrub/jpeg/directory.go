package jpeg

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/xmp"
)

// Phones say in the main XMP packet what they append to the picture: in a
// directory of items that follow one another (developer.android.com, "Ultra
// HDR" and "Motion photo" 1.0), or, earlier, as the distance of a video from the
// end of the file (MicroVideo). The numbers are overwritten in place.

// A number is one value of the packet.
type number struct {
	at   exifscrub.Span // its bytes in the file
	text string
	doc  *xmp.Packet
}

func (n *number) value() int64 {
	if n == nil {
		return 0
	}
	v, err := strconv.ParseInt(strings.TrimSpace(n.text), 10, 64)
	if err != nil || v < 0 {
		return 0
	}
	return v
}

// An item is one entry of the directory.
type item struct {
	mime, semantic  string
	length, padding *number
	start           int64 // where it should begin
	claimed         *appended
}

// primary reports whether i is the first picture itself.
func (i *item) primary() bool { return i.length == nil || strings.EqualFold(i.semantic, "Primary") }

func (i *item) video() bool {
	return strings.HasPrefix(i.mime, "video/") || strings.EqualFold(i.semantic, "MotionPhoto")
}

// An appended is a picture or video behind the first picture that is more than
// a stray.
type appended struct{ span exifscrub.Span }

// A directory is what the main packet says about what follows the picture.
type directory struct {
	items  []*item
	flags  []*number // MotionPhoto, MicroVideo: there is a video
	offset *number   // MicroVideoOffset: where it begins, from the end of the file
	video  *appended
	packet exifscrub.Span
}

// mainPacket adds the XMP packet of c and reads its directory.
func (f *file) mainPacket(c *carrier) error {
	spans := from(int64(len(sigXMP)), c)
	child := exifscrub.Child{Path: "APP1/XMP", Format: "xmp", Spans: spans, Expendable: true}
	d, err := f.readDirectory(spans[0])
	if err != nil {
		return err
	}
	f.child(child, nil, c.segment)
	if d == nil || f.dir != nil {
		return nil
	}
	f.dir = d
	p := &f.parts[len(f.parts)-1]
	edit := p.edit
	p.edit = func(ds []exifscrub.Decision, e *editor) error {
		e.packet = ds[0]
		return edit(ds, e)
	}
	return nil
}

// mayName reports whether a packet could have a directory, so that others are
// not parsed here. In a packet with zeros every letter may be two bytes.
func mayName(packet []byte) bool {
	for _, word := range []string{"Directory", "MotionPhoto", "MicroVideo", "\x00"} {
		if bytes.Contains(packet, []byte(word)) {
			return true
		}
	}
	return false
}

// readDirectory returns nil if the packet at s has none.
func (f *file) readDirectory(s exifscrub.Span) (*directory, error) {
	b, err := f.readSpans([]exifscrub.Span{s}, maxPayload)
	if err != nil {
		return nil, err
	}
	if !mayName(b) {
		return nil, nil
	}
	doc := xmp.Parse(b, f.lim.Items)
	if doc.Err != nil {
		return nil, nil // such a packet goes as a whole
	}
	d := &directory{packet: s}
	byStruct := map[int]*item{}
	for _, l := range doc.Leaves {
		if l.Kind != xmp.Property || len(l.Values) != 1 || !plain(l) {
			continue // what is odd is no reason to keep a picture
		}
		v, name := l.Values[0], l.Path[len(l.Path)-1]
		at := doc.Span(v.Off, v.End)
		n := &number{at: exifscrub.Span{Off: s.Off + at.Off, Len: at.Len}, text: v.Text, doc: doc}
		switch {
		case name.Is("GCamera", "MotionPhoto"), name.Is("GCamera", "MicroVideo"):
			d.flags = append(d.flags, n)
		case name.Is("GCamera", "MicroVideoOffset"):
			d.offset = n
		case name.Prefix == "Item" && l.Path[0].Is("Container", "Directory"):
			i := byStruct[l.Struct]
			if i == nil {
				i = &item{}
				byStruct[l.Struct] = i
				d.items = append(d.items, i)
			}
			switch name.Local {
			case "Mime":
				i.mime = v.Text
			case "Semantic":
				i.semantic = v.Text
			case "Length":
				i.length = n
			case "Padding":
				i.padding = n
			}
		}
	}
	if len(d.items) == 0 && d.offset == nil && len(d.flags) == 0 {
		return nil, nil
	}
	return d, nil
}

var (
	digits = regexp.MustCompile(`^[0-9]{1,18}$`)
	words  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	mime   = regexp.MustCompile(`^[A-Za-z0-9/+.-]{1,64}$`)
)

// plain reports whether l is a number or name as the specifications have it.
func plain(l xmp.Leaf) bool {
	for i, n := range l.Path {
		last := i == len(l.Path)-1
		switch {
		case !n.Sure:
			return false
		case last && n.Prefix == "GCamera":
			return i == 0 && digits.MatchString(l.Values[0].Text)
		case last && n.Is("Item", "Semantic"):
			return i > 0 && words.MatchString(l.Values[0].Text)
		case last && n.Is("Item", "Mime"):
			return i > 0 && mime.MatchString(l.Values[0].Text)
		case last && n.Prefix == "Item":
			return i > 0 && digits.MatchString(l.Values[0].Text)
		case !n.Is("Container", "Directory") && !n.Is("Container", "Item"):
			return false
		}
	}
	return false
}

// place says where the items should begin, if the picture ends at end.
func (d *directory) place(end int64) {
	if d == nil {
		return
	}
	for _, i := range d.items {
		if i.start = end; !i.primary() {
			end += i.length.value()
		}
		end += i.padding.value()
	}
}

// claim reports whether the directory names the picture or video a.
func (d *directory) claim(a *appended, video bool, size int64) bool {
	if d == nil {
		return false
	}
	exact := d.offset != nil && size-d.offset.value() == a.span.Off
	if video && d.video == nil && (exact || len(d.items) == 0 && d.says()) {
		d.video = a
	}
	free := func(i *item) bool { return i.claimed == nil && !i.primary() && i.video() == video }
	k := slices.IndexFunc(d.items, func(i *item) bool { return free(i) && i.start == a.span.Off })
	if k < 0 {
		k = slices.IndexFunc(d.items, free)
	}
	if k >= 0 {
		d.items[k].claimed = a
		if video && d.video == nil {
			d.video = a
		}
	}
	return k >= 0 || video && d.video == a
}

// says reports whether the packet says that there is a video.
func (d *directory) says() bool {
	return d.offset.value() > 0 || slices.ContainsFunc(d.flags, func(n *number) bool { return n.value() == 1 })
}

// mend writes the numbers that fit what became of the items. Numbers that were
// wrong before may stay wrong, if there is no room for the right one.
func (d *directory) mend(end, size int64, e *editor) error {
	if d == nil || e.packet.Gone() || len(e.shifts) == 0 {
		return nil
	}
	video := d.video != nil && !e.became[d.video].gone
	var padding *number // of the item before
	var gap exifscrub.Span
	gap.Off = end
	for _, i := range d.items {
		if i.primary() {
			padding = i.padding
			continue
		}
		a := i.claimed
		if a == nil || e.became[a].gone {
			d.write(e, i.length, 0)
			d.write(e, i.padding, 0)
			continue
		}
		video = video || i.video()
		gap.Len = a.span.Off - gap.Off
		if right := gap.Len >= 0 && gap.Len == padding.value(); right && !d.write(e, padding, e.moved(a.span.Off)-e.moved(gap.Off)) {
			return errNoRoom
		}
		if right := i.length.value() == a.span.Len; !d.write(e, i.length, e.became[a].size) && right {
			return errNoRoom
		}
		gap.Off, padding = a.span.End(), i.padding
	}
	if !video {
		for _, n := range append(d.flags, d.offset) {
			d.write(e, n, 0)
		}
	} else if d.video != nil {
		right := size-d.offset.value() == d.video.span.Off
		if !d.write(e, d.offset, e.moved(size)-e.moved(d.video.span.Off)) && right {
			return errNoRoom
		}
	}
	return nil
}

var errNoRoom = fmt.Errorf("a number of the XMP directory has no room for its new value: %w", exifscrub.ErrRefused)

// write puts v in place of n, with zeros before it so that the length stays.
// It reports false if v does not fit.
func (d *directory) write(e *editor, n *number, v int64) bool {
	if n == nil || n.value() == v {
		return true
	}
	for _, x := range e.packet.Inner {
		if off := d.packet.Off + x.Off; off < n.at.End() && n.at.Off < off+x.Len {
			return true // the packet's own edits took it away
		}
	}
	s := fmt.Sprintf("%0*d", len(n.text), v)
	b := n.doc.Encode(s)
	if int64(len(b)) == n.at.Len {
		e.set(n.at.Off, b)
	}
	return int64(len(b)) == n.at.Len
}
