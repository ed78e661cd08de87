package jxl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/bits"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/input"
	"flightveil/internal/privacy"

	"github.com/andybalholm/brotli"
)

// maxInflated is how large a compressed block may become. Blocks with whole
// pictures in them are below.
const maxInflated = 8 << 20

// inflate returns what packed, one whole Brotli stream, stands for.
func inflate(packed []byte, most int64) ([]byte, error) {
	src := bytes.NewReader(packed)
	out, err := io.ReadAll(io.LimitReader(brotli.NewReader(src), most+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("inflating %d bytes: %w", len(packed), err)
	case int64(len(out)) > most:
		return nil, fmt.Errorf("%d bytes inflate to more than %d: %w", len(packed), most, input.ErrLimit)
	case src.Len() > 0:
		return nil, errors.New("bytes behind the end of a Brotli stream")
	}
	return out, nil
}

// deflate returns a Brotli stream of exactly n bytes that stands for plain. ok
// is false if it cannot be that short.
func deflate(plain []byte, n int64) (packed []byte, ok bool) {
	const (
		nothing = 0x06 // an empty metadata block, from one byte boundary to the next (RFC 7932, 9.2)
		last    = 0x03 // an empty last block
	)
	var buf bytes.Buffer
	w := brotli.NewWriterOptions(&buf, brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: windowBits(len(plain))})
	if _, err := w.Write(plain); err != nil {
		return nil, false
	}
	if err := w.Flush(); err != nil { // ends on a byte boundary, without a last block
		return nil, false
	}
	room := n - int64(buf.Len()) - 1
	if room < 0 {
		return nil, false
	}
	packed = append(buf.Bytes(), bytes.Repeat([]byte{nothing}, int(room))...)
	packed = append(packed, last)
	again, err := inflate(packed, int64(len(plain)))
	return packed, err == nil && bytes.Equal(again, plain)
}

// windowBits returns how many bits of distance a stream of n bytes needs
// (RFC 7932, 9.1): larger ones cost time and memory.
func windowBits(n int) int { return min(max(bits.Len(uint(n))+1, 10), 22) }

// A rebuild is a box whose compressed contents are written anew.
type rebuild struct {
	box     bmff.Box
	at      int64 // where the Brotli stream begins; it goes on to the end of the box
	plain   []byte
	changed bool
	gone    bool
}

// finish writes the stream if it changed. If it does not fit, the box goes.
func (r *rebuild) finish(set *exifscrub.Patchset) {
	if !r.changed || r.gone {
		return
	}
	if packed, ok := deflate(r.plain, r.box.End-r.at); ok {
		set.Set(r.at, packed)
	} else {
		free(set, r.box)
	}
}

// compressed adds what a Brotli-compressed box holds (18181-2, 9.8): the type
// of the box, then a stream.
func (p *parser) compressed(b bmff.Box) error {
	const field = 4
	if b.Size() < field || b.Size() > p.lim.Field {
		return p.whole(b, privacy.Unknown, "brob")
	}
	body, err := input.ReadRange(p.in, b.Body, b.Size(), p.lim.Field)
	if err != nil {
		return err
	}
	kind := string(body[:field])
	plain, err := inflate(body[field:], min(maxInflated, p.lim.Field))
	if err != nil { // damaged, or a bomb: nobody can use it
		if err := p.add(exifscrub.Item{Note: "a compressed box cannot be inflated and can only be removed as a whole"}, nil); err != nil {
			return err
		}
		return p.whole(b, privacy.Unknown, "brob/"+bmff.Name(kind))
	}
	c := &exifscrub.Child{Decoded: plain, Spans: []exifscrub.Span{b.Content()}, Class: privacy.Unknown, Fixed: true, Expendable: true, Recoded: true}
	skip := int64(0)
	switch kind {
	case "Exif":
		at, ok, err := bmff.ExifOffset(bytes.NewReader(plain))
		if err != nil {
			return err
		}
		between := bytes.Trim(plain[min(field, int64(len(plain))):max(at, min(field, int64(len(plain))))], "\x00")
		if !ok || len(between) > 0 && string(between) != "Exif" {
			return p.wholeUnlessBlank(b, plain, "brob/Exif")
		}
		c.Path, c.Format, skip = "brob/Exif", "tiff", at
	case "xml ":
		if len(bytes.Trim(plain, " \n\x00")) == 0 {
			return nil
		}
		c.Path, c.Format = "brob/XMP", "xmp"
	case "jumb":
		c.Path, c.Format, c.Class, c.Recoded = "brob/JUMBF", "jumbf", privacy.Provenance, false
		c.Decoded = append(header("jumb", len(plain)), plain...)
		return p.add(exifscrub.Item{Child: c}, freeIfGone(b))
	default:
		return p.wholeUnlessBlank(b, plain, "brob/"+bmff.Name(kind))
	}
	c.Decoded = plain[skip:]
	r := &rebuild{box: b, at: b.Body + field, plain: bytes.Clone(plain)}
	p.rebuilds = append(p.rebuilds, r)
	return p.add(exifscrub.Item{Child: c}, func(set *exifscrub.Patchset, d exifscrub.Decision) error {
		switch {
		case gone(d) && p.restores:
			copy(r.plain[skip:], empty(c.Format, int64(len(r.plain))-skip))
			r.changed = true
		case gone(d):
			r.gone = true
			free(set, b)
		case len(d.Inner) > 0:
			r.changed = true
			return replace(r.plain[skip:], d.Inner)
		}
		return nil
	})
}

// wholeUnlessBlank adds a box that stands for plain, which is not looked into.
func (p *parser) wholeUnlessBlank(b bmff.Box, plain []byte, path string) error {
	if len(bytes.Trim(plain, "\x00")) == 0 {
		return nil
	}
	return p.whole(b, privacy.Unknown, path)
}

func header(kind string, n int) []byte {
	const size = 8
	n += size
	return append([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, kind...)
}

// replace makes edits in b. What shrinks is filled up at the end.
func replace(b []byte, edits []exifscrub.Edit) error {
	var out bytes.Buffer
	if err := exifscrub.Apply(&out, bytes.NewReader(b), exifscrub.Seq(edits)); err != nil {
		return err
	}
	if out.Len() > len(b) {
		return fmt.Errorf("an edit makes a compressed block grow by %d bytes", out.Len()-len(b))
	}
	clear(b[copy(b, out.Bytes()):])
	return nil
}
