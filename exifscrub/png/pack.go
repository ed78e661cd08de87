package png

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"

	"flightveil/exifscrub"
	"flightveil/internal/block/icc"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// unpack inflates b, a zlib stream (section 10). It also returns how many
// bytes of b follow the stream. What is inflated counts towards a bound for
// the whole file, so that a file of bombs is no worse than one.
func (p *parser) unpack(b []byte) (plain []byte, over int64, err error) {
	r := bytes.NewReader(b) // reads byte by byte, so nothing behind the stream is swallowed
	z, err := zlib.NewReader(r)
	if err != nil {
		return nil, 0, err
	}
	most := min(p.lim.Field, p.inflatable)
	plain, err = io.ReadAll(io.LimitReader(z, most+1))
	p.inflatable -= int64(len(plain))
	if err != nil {
		return nil, 0, err
	}
	if int64(len(plain)) > most {
		return nil, 0, fmt.Errorf("inflating: %w", input.ErrLimit)
	}
	return plain, int64(r.Len()), nil
}

// pack deflates plain.
func pack(plain []byte) ([]byte, error) {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	if _, err := z.Write(plain); err != nil {
		return nil, err
	}
	err := z.Close()
	return out.Bytes(), err
}

// surplus adds a finding for n bytes at from that belong to no structure of a
// chunk that may otherwise stay.
func (p *parser) surplus(c chunk, from, n int64) {
	if n > 0 {
		p.unknown(c, c.kind+"/surplus", c.span(from, from+n)).part = exifscrub.Span{Off: from, Len: n}
	}
}

// packedExif handles zxIf: a zero, the inflated length, a zlib stream.
func (p *parser) packedExif(c chunk) error {
	const skip = 5
	b, err := input.ReadRange(p.in, c.data(), c.size, p.lim.Field)
	if tooBig(err) || err == nil && (len(b) < skip || b[0] != 0) {
		p.unknown(c, c.kind, c.span(0, c.size))
		return nil
	}
	if err != nil {
		return err
	}
	plain, over, err := p.unpack(b[skip:])
	if err != nil { // nobody can read it either
		p.unknown(c, c.kind, c.span(0, c.size))
		return nil
	}
	from := 0
	if bytes.HasPrefix(plain, []byte(prefix)) {
		from = len(prefix)
	}
	e := p.child(c, exifscrub.Child{Path: "Exif", Format: "tiff", Spans: []exifscrub.Span{c.span(0, c.size)}, Decoded: plain[from:], Recoded: true, Expendable: true})
	e.value = exifscrub.Span{Len: c.size - over}
	e.recode = func(child []byte) ([]byte, error) {
		all := append(plain[:from:from], child...)
		z, err := pack(all)
		return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(all))), z...), err
	}
	p.surplus(c, c.size-over, over)
	return nil
}

// profile handles iCCP: a name, a zero, a zero for the method, a zlib stream.
// It stays if it is what it claims to be.
func (p *parser) profile(c chunk) error {
	b, err := input.ReadRange(p.in, c.data(), c.size, p.lim.Field)
	if err != nil && !tooBig(err) {
		return err
	}
	name := bytes.IndexByte(b, 0)
	if name < 0 || name > maxKeyword || len(b) < name+2 || b[name+1] != 0 {
		p.unknown(c, "iCCP", c.span(0, c.size))
		return nil
	}
	profile, over, err := p.unpack(b[name+2:])
	if err != nil || !icc.Sound(profile) {
		p.unknown(c, "iCCP", c.span(0, c.size))
		return nil
	}
	p.find(c, privacy.Finding{Class: privacy.Technical, Path: "iCCP/ICC_Profile", Spans: []exifscrub.Span{c.span(int64(name)+2, c.size-over)}})
	p.surplus(c, c.size-over, over)
	return nil
}
