package mp4

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/block/nal"
	"flightveil/internal/block/window"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// seiSamples is how many samples of a video are examined for messages.
const seiSamples = 64

// stream says how to read the units of a video stream.
type stream struct {
	codec  nal.Codec
	config nal.Config
	record exifscrub.Span // the decoder configuration
}

// videoStream reads the decoder configuration of t, if it is H.264 or H.265.
func videoStream(in input.Input, t *bmff.Track) (stream, bool, error) {
	if len(t.Entries) == 0 || t.Entries[0].Size() < bmff.VisualLen || t.Format() == "encv" { // of an encrypted stream nothing can be read
		return stream{}, false, nil
	}
	e := t.Entries[0]
	for box, codec := range map[string]nal.Codec{"avcC": nal.H264, "hvcC": nal.H265} {
		b, ok, err := bmff.Find(in, bmff.Box{Body: e.Body + bmff.VisualLen, End: e.End}, box)
		if err != nil {
			return stream{}, false, err
		}
		if !ok || b.Size() > nal.MaxUnit {
			continue
		}
		raw, err := input.ReadRange(in, b.Body, b.Size(), nal.MaxUnit)
		if err != nil {
			return stream{}, false, err
		}
		if c, err := codec.ParseConfig(raw); err == nil {
			return stream{codec, c, b.Content()}, true, nil
		}
	}
	return stream{}, false, nil
}

// told reports whether f gives something away.
func told(f nal.Field) bool { return f.Class != privacy.Technical }

// unit calls do with every message of the unit at s that gives something away.
func (s stream) unit(win *window.Reader, at exifscrub.Span, do func(nal.Message, int64) error) error {
	head, err := win.Head(at.Off, 1)
	if err != nil || len(head) == 0 || !s.codec.IsSEI(head[0]) || at.Len > nal.MaxUnit {
		return err
	}
	b, err := win.Peek(at.Off, at.Len)
	if err != nil || int64(len(b)) < at.Len { // longer than a window: no message is
		return err
	}
	for _, m := range s.codec.Messages(b) {
		for _, f := range m.Fields {
			if told(f) {
				if err := do(m, at.Off); err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

// sample does the same with every unit of a sample. A sample that is damaged
// is left alone from there on.
func (s stream) sample(in input.Input, win *window.Reader, at exifscrub.Span, do func(nal.Message, int64) error) error {
	for u, err := range nal.Units(windowed{in, win}, at, s.config.LengthSize) {
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, input.ErrUnsupported) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.unit(win, u, do); err != nil {
			return err
		}
	}
	return nil
}

// windowed reads through a window what is read in small steps.
type windowed struct {
	input.Input
	win *window.Reader
}

func (w windowed) ReadAt(b []byte, off int64) (int, error) {
	got, err := w.win.Head(off, int64(len(b)))
	n := copy(b, got)
	if err == nil && n < len(b) {
		err = io.EOF
	}
	return n, err
}

// messages makes findings of user data in the first samples of a video, one for
// each kind. It stays unless the policy says otherwise, because the stream
// changes without it.
func (p *parser) messages(t *track, path string) error {
	s, ok, err := videoStream(p.in, t.Track)
	if !ok || err != nil {
		return err
	}
	found := map[string]*privacy.Finding{}
	var order []*privacy.Finding
	add := func(m nal.Message, off int64) error {
		for _, field := range m.Fields {
			if !told(field) {
				continue
			}
			f := found[field.Name]
			if f == nil {
				f = &privacy.Finding{Class: privacy.Stream, Path: join(path, "SEI/"+field.Name), Value: privacy.Secret(field.Value), Where: field.Where}
				found[field.Name] = f
				order = append(order, f)
			}
			f.Count++
			f.Value = cmp.Or(f.Value, privacy.Secret(field.Value))
			for _, at := range field.Spans {
				f.Spans = append(f.Spans, exifscrub.Span{Off: off + at.Off, Len: at.Len})
			}
		}
		return p.count()
	}
	for _, u := range s.config.SEI {
		if err := s.unit(p.win, exifscrub.Span{Off: s.record.Off + u.Off, Len: u.Len}, add); err != nil {
			return err
		}
	}
	n := 0
	for sample, err := range p.samples(t) {
		if err == nil && n < seiSamples {
			err = s.sample(p.in, p.win, exifscrub.Span{Off: sample.Off, Len: sample.Size}, add)
		}
		if err != nil {
			return err
		}
		if n++; n >= seiSamples {
			break
		}
	}
	for _, f := range order {
		if err := p.add(part{Item: exifscrub.Item{Finding: f}, sei: t.index + 1}); err != nil {
			return err
		}
	}
	if len(order) > 0 {
		return p.note(path + ": the video stream holds user data of its own, which only --strip-sei takes out")
	}
	return nil
}

// stripMessages yields the edits that overwrite user data in every sample of t:
// where there is some in the first ones, there may be more.
func (f *file) stripMessages(ctx context.Context, in exifscrub.Input, t *track) iter.Seq2[exifscrub.Edit, error] {
	return func(yield func(exifscrub.Edit, error) bool) {
		s, ok, err := videoStream(in, t.Track)
		if !ok || err != nil {
			if err != nil {
				yield(exifscrub.Edit{}, err)
			}
			return
		}
		p := &parser{file: *f, ctx: ctx, in: in, win: window.New(in)}
		defer p.win.Free()
		blank := func(m nal.Message, off int64) error {
			e := exifscrub.Edit{Off: off + m.Span.Off, Len: m.Span.Len, With: m.Blank(told)}
			if !yield(e, nil) {
				return errStop
			}
			return nil
		}
		var end int64
		for sample, err := range p.samples(t) {
			if err == nil && sample.Off < end { // edits must ascend
				err = fmt.Errorf("samples of track %d do not ascend: %w", t.ID, input.ErrUnsupported)
			}
			if err == nil {
				end = sample.Off + sample.Size
				err = s.sample(in, p.win, exifscrub.Span{Off: sample.Off, Len: sample.Size}, blank)
			}
			if err != nil {
				if !errors.Is(err, errStop) {
					yield(exifscrub.Edit{}, err)
				}
				return
			}
		}
	}
}

// stripRecord returns the edits that do the same in the decoder configuration.
func (f *file) stripRecord(in exifscrub.Input, t *track, set *exifscrub.Patchset) error {
	s, ok, err := videoStream(in, t.Track)
	if !ok || err != nil {
		return err
	}
	win := window.New(in)
	defer win.Free()
	for _, u := range s.config.SEI {
		err := s.unit(win, exifscrub.Span{Off: s.record.Off + u.Off, Len: u.Len}, func(m nal.Message, off int64) error {
			set.Set(off+m.Span.Off, m.Blank(told))
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// errStop says that nobody wants more.
var errStop = errors.New("stopped")
