package jpeg

import (
	"cmp"
	"strconv"

	"flightveil/exifscrub"
	"flightveil/internal/block/jpegtrail"
	"flightveil/internal/privacy"
)

// rest adds what follows the first picture: those that the index names, the
// bytes between them, and what comes behind the last one.
func (f *file) rest() error {
	f.dir.place(f.end)
	pos := f.end
	for _, p := range f.pics {
		f.dir.claim(&p.appended, false, f.in.Size())
		if err := f.gap(exifscrub.Span{Off: pos, Len: p.span.Off - pos}); err != nil {
			return err
		}
		f.picture(p)
		pos = p.span.End()
	}
	pieces, err := jpegtrail.Parse(f.in, pos, f.lim)
	if err != nil {
		return err
	}
	for len(pieces) > 0 {
		n := 1
		for n < len(pieces) && pieces[0].Group != 0 && pieces[n].Group == pieces[0].Group {
			n++
		}
		f.trailer(pieces[:n])
		pieces = pieces[n:]
	}
	return nil
}

// gap adds the bytes before a picture, which are no part of any. They become
// zeros, so that nothing that counts bytes must follow.
func (f *file) gap(s exifscrub.Span) error {
	zero, err := f.w.Zeros(s.Off, s.End())
	if err == nil && !zero {
		f.blankable(privacy.Finding{Class: privacy.Unknown, Path: "bytes between pictures", Spans: []exifscrub.Span{s}})
	}
	return err
}

// picture adds a picture that the index names.
func (f *file) picture(p *picture) {
	f.appended(exifscrub.Child{Path: "MPImage" + strconv.Itoa(p.entry+1), Spans: []exifscrub.Span{p.span}, Class: privacy.Unknown}, &p.appended)
}

// appended adds a picture or video that is more than a stray.
func (f *file) appended(c exifscrub.Child, a *appended) {
	f.add(part{
		spans: c.Spans,
		items: []exifscrub.Item{{Child: &c}},
		edit: func(ds []exifscrub.Decision, e *editor) error {
			o := outcome{anyGone(ds), ds[0].NewLen}
			if e.became[a] = o; o.gone {
				e.cut(a.span)
			} else {
				e.resized(a.span.End(), o.size-a.span.Len)
			}
			return nil
		},
	})
}

// trailer adds one piece of a trailer, or the pieces that belong together.
func (f *file) trailer(pieces []jpegtrail.Piece) {
	if len(pieces) == 1 && pieces[0].Name == jpegtrail.Padding {
		return
	}
	var what []privacy.Finding
	var spans []exifscrub.Span
	var p part
	for _, x := range pieces {
		spans = append(spans, x.Span)
		if !x.Child {
			what = append(what, privacy.Finding{Class: class(x), Path: "trailer/" + x.Name, Spans: []exifscrub.Span{x.Span}})
		}
		for _, v := range x.Fields {
			what = append(what, privacy.Finding{Class: v.Class, Path: "trailer/" + x.Name + "/" + v.Name, Spans: v.Spans, Count: v.Count, Value: v.Value, Where: v.Where})
		}
	}
	if len(pieces) == 1 && pieces[0].Child {
		x := pieces[0]
		a := &appended{span: x.Span}
		if f.dir.claim(a, x.Name != "JPEG", f.in.Size()) {
			f.appended(exifscrub.Child{Path: x.Name, Format: x.Format, Spans: []exifscrub.Span{x.Span}, Class: class(x)}, a)
			return
		}
	}
	for _, x := range pieces {
		if x.Child {
			c := exifscrub.Child{Path: "trailer/" + x.Name, Format: x.Format, Spans: []exifscrub.Span{x.Span}, Class: x.Class, Stray: true}
			p.items = append(p.items, exifscrub.Item{Child: &c, Together: what})
			what = what[:min(1, len(what))] // the others share the fate, not the findings
		}
	}
	if len(p.items) == 0 {
		p.items = append(p.items, exifscrub.Item{Together: what})
	}
	p.spans = spans
	f.add(p)
}

func class(p jpegtrail.Piece) privacy.Class { return cmp.Or(p.Class, privacy.Unknown) }
