package raf

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

const (
	magic     = "FUJIFILMCCD-RAW "
	headerLen = 0x6C // of the oldest files; newer ones have two exposures and 0x94 bytes

	atNumber = 0x14 // eight letters and digits that name the camera
	atModel  = 0x1C // 32 letters
	atBody   = 0x3C // firmware version, four digits
	atMulti  = 0x48 // offset and length of a list of exposures
	atJPEG   = 0x54 // offset and length
	atFirst  = 0x5C // offset and length of the directory, then of the sensor data
	atSize   = 0x6C // compression and length of the sensor data
	atSecond = 0x78 // as atFirst, of a second exposure
	atEnd    = 0x88

	maxEntries = 2000 // of one directory; the largest known has 132
	maxText    = 64
)

// A file is a parsed RAF file.
type file struct {
	ctx   context.Context
	in    exifscrub.Input
	lim   exifscrub.Limits
	items []exifscrub.Item
	owned []exifscrub.Span // what has a meaning
}

// A part is what the header points at.
type part struct {
	name string
	exifscrub.Span
	cut bool // it ends beyond the end of the file
}

func parse(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) (*file, error) {
	f := &file{ctx: ctx, in: in, lim: lim.Defaults()}
	n := min(in.Size(), atEnd)
	h, err := input.ReadRange(in, 0, n, atEnd)
	if err != nil {
		return nil, fmt.Errorf("reading the header: %w", err)
	}
	if len(h) < headerLen || !bytes.HasPrefix(h, []byte(magic)) {
		return nil, fmt.Errorf("the header is cut short or another format's: %w", input.ErrUnsupported)
	}
	if binary.BigEndian.Uint32(h[atMulti:]) != 0 {
		return nil, fmt.Errorf("a file of several exposures (M-RAW): %w", input.ErrUnsupported)
	}
	jpeg := f.part(h, atJPEG, "JPEG")
	parts := []part{jpeg}
	pairs := []int{atFirst}
	if len(h) == atEnd && (jpeg.Len == 0 || jpeg.Off >= atEnd) {
		pairs = append(pairs, atSecond)
	} else {
		h = h[:headerLen]
	}
	for i, at := range pairs {
		suffix := []string{"", "2"}[i]
		parts = append(parts, f.part(h, at, "RAF"+suffix), f.part(h, at+8, "FujiIFD"+suffix))
	}
	if err := f.disjoint(parts, int64(len(h))); err != nil {
		return nil, err
	}
	f.header(h)
	for _, p := range parts {
		if p.cut {
			f.items = append(f.items, exifscrub.Item{Note: p.name + " ends beyond the end of the file"})
		}
		if p.Len == 0 {
			continue
		}
		switch {
		case p.name == "JPEG":
			if err := f.picture(p); err != nil {
				return nil, err
			}
			f.own(p.Span)
			// Readers take make and model from here.
			f.items = append(f.items, exifscrub.Item{Child: &exifscrub.Child{Path: "JPEG", Format: "jpeg", Spans: []exifscrub.Span{p.Span}, Class: privacy.Preview, Fixed: true, Required: true, Keep: []string{"Make", "Model"}}})
		case strings.HasPrefix(p.name, "RAF"):
			err = f.directory(p)
		default:
			err = f.sensor(p)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
	}
	if err := f.gaps(); err != nil {
		return nil, err
	}
	return f, ctx.Err()
}

// part returns what the offset and length at at of h say, as far as it lies in
// the file.
func (f *file) part(h []byte, at int, name string) part {
	off, n := int64(binary.BigEndian.Uint32(h[at:])), int64(binary.BigEndian.Uint32(h[at+4:]))
	size := f.in.Size()
	p := part{name: name, Span: exifscrub.Span{Off: off, Len: n}}
	if off == 0 || n == 0 {
		return part{name: name}
	}
	if off > size || n > size-off {
		p.cut, p.Off, p.Len = true, min(off, size), max(0, size-off)
	}
	return p
}

// disjoint checks that parts do not share bytes with each other and the header.
func (f *file) disjoint(parts []part, header int64) error {
	list := []exifscrub.Span{{Len: header}}
	for _, p := range parts {
		if p.Len > 0 {
			list = append(list, p.Span)
		}
	}
	slices.SortFunc(list, func(a, b exifscrub.Span) int { return cmp.Compare(a.Off, b.Off) })
	for i := 1; i < len(list); i++ {
		if list[i].Off < list[i-1].End() {
			return fmt.Errorf("two parts of the file share bytes at %d: %w", list[i].Off, input.ErrUnsupported)
		}
	}
	return nil
}

func (f *file) own(s exifscrub.Span) { f.owned = append(f.owned, s) }

// find adds a finding unless its bytes are blank already.
func (f *file) find(class privacy.Class, path string, s exifscrub.Span, b []byte) {
	f.own(s)
	if len(bytes.Trim(b, "\x00 ")) == 0 {
		return
	}
	f.items = append(f.items, exifscrub.Item{Finding: &privacy.Finding{Class: class, Path: path, Spans: []exifscrub.Span{s}, Value: privacy.Secret(text(b))}})
}

// text returns b if it is text.
func text(b []byte) string {
	s := strings.TrimRight(string(b[:min(len(b), maxText)]), "\x00 ")
	for _, r := range s {
		if r < ' ' || r > '~' {
			return ""
		}
	}
	return s
}

// header adds what the header tells.
func (f *file) header(h []byte) {
	f.own(exifscrub.Span{Len: atNumber}) // signature and version of the format
	values := []struct {
		class privacy.Class
		name  string
		at, n int64
	}{
		{privacy.Identity, "CameraNumber", atNumber, atModel - atNumber},
		{privacy.Technical, "Model", atModel, atBody - atModel}, // converters choose colours by it
		{privacy.Device, "RAFVersion", atBody, 4},
		{privacy.Unknown, "Reserved", atBody + 4, atMulti - atBody - 4},
		{privacy.Unknown, "Reserved2", atMulti + 8, atJPEG - atMulti - 8},
	}
	for _, v := range values {
		f.find(v.class, "RAFHeader/"+v.name, exifscrub.Span{Off: v.at, Len: v.n}, h[v.at:v.at+v.n])
	}
	f.own(exifscrub.Span{Off: atMulti, Len: 8})
	f.own(exifscrub.Span{Off: atJPEG, Len: int64(len(h)) - atJPEG})
}

// gaps adds a finding about the bytes between and behind the parts.
func (f *file) gaps() error {
	const most = 64 << 10 // more may be sensor data that the header does not name
	slices.SortFunc(f.owned, func(a, b exifscrub.Span) int { return cmp.Compare(a.Off, b.Off) })
	var gaps []exifscrub.Span
	pos, total := int64(0), int64(0)
	for _, s := range append(f.owned, exifscrub.Span{Off: f.in.Size()}) {
		for at := pos; at < s.Off; {
			b, err := input.ReadRange(f.in, at, min(s.Off-at, most), most)
			if err != nil {
				return fmt.Errorf("reading between the parts: %w", err)
			}
			if left := bytes.TrimLeft(b, "\x00"); len(left) > 0 {
				n := int64(len(bytes.TrimRight(left, "\x00")))
				gaps = append(gaps, exifscrub.Span{Off: at + int64(len(b)-len(left)), Len: n})
				if total += n; total > most {
					return fmt.Errorf("%d bytes that nothing in the file names: %w", total, input.ErrUnsupported)
				}
			}
			at += int64(len(b))
		}
		pos = max(pos, s.End())
	}
	if len(gaps) > 0 {
		f.items = append(f.items, exifscrub.Item{Finding: &privacy.Finding{Class: privacy.Unknown, Path: "Gap", Spans: gaps, Count: len(gaps)}})
	}
	return nil
}
