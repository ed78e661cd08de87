package makernote

import (
	"encoding/binary"

	"flightveil/internal/input"
)

// ParsePrivate reads the value span of tag C634, DNGPrivateData, in the TIFF
// block in: the maker note that Adobe's converter copied there, Pentax's and
// Samsung's own, GoPro's list of calibrations, or Sony's pointer to the directory a raw file is decoded with.
func ParsePrivate(in input.Input, span input.Span, order binary.ByteOrder, make, model string, lim input.Limits) (Note, error) {
	return twice(in, func(in input.Input) (*parser, Note, error) {
		p, err := newParser(in, span, order, make, model, lim)
		if err != nil {
			return nil, Note{}, err
		}
		if known, err := p.private(); !known || err != nil {
			return nil, Note{}, err
		}
		n, err := p.finish()
		return p, n, err
	})
}

// private finds out what the block is and parses it.
func (p *parser) private() (known bool, err error) {
	head, err := input.ReadRange(p.in, p.note.Off, min(p.note.Len, headLen), headLen)
	switch {
	case err != nil:
	case looksLike(head, "Adobe\x00"):
		p.n.Vendor = "Adobe"
		err = p.adobe()
	case gpmf(head, p.make, p.model):
		p.n.Vendor = "GoPro"
		err = parseGPMF(p, head)
	case looksLike(head, "PENTAX \x00"), looksLike(head, "SAMSUNG\x00"):
		p.n.Vendor = "Pentax"
		err = parsePentax(10, 0)(p, head)
	case len(head) == 4 && sonyIFD(nil, p.make, p.model):
		p.n.Vendor = "Sony"
		err = p.sonyPrivate(int64(p.order.Uint32(head)))
	}
	return p.n.Vendor != "", err
}

// adobe parses a list of records: four letters, a big-endian length, data.
// "MakN" is a maker note with its byte order and the offset it had in the raw
// file; what the others hold no reader of the DNG needs.
func (p *parser) adobe() error {
	whole := p.note
	p.used = append(p.used, input.Span{Off: whole.Off, Len: 6})
	for at := whole.Off + 6; at+8 <= whole.End(); {
		b, err := p.bytes(at, 8)
		if err != nil {
			return err
		}
		n := int64(binary.BigEndian.Uint32(b[4:]))
		if n > whole.End()-at-8 {
			break
		}
		p.used = append(p.used, input.Span{Off: at, Len: 8})
		if string(b[:4]) == "MakN" && n > 6 {
			if err := p.adobeNote(input.Span{Off: at + 8, Len: n}); err != nil {
				return err
			}
		}
		at += 8 + (n+1)&^1
	}
	p.note = whole
	return nil
}

func (p *parser) adobeNote(s input.Span) error {
	b, err := p.bytes(s.Off, 6)
	if err != nil {
		return err
	}
	p.order = binary.LittleEndian
	if b[0] == 'M' {
		p.order = binary.BigEndian
	}
	p.used = append(p.used, input.Span{Off: s.Off, Len: 6})
	p.note = input.Span{Off: s.Off + 6, Len: s.Len - 6}
	p.base = p.note.Off - int64(binary.BigEndian.Uint32(b[2:]))
	adobe := p.n.Vendor
	_, err = p.vendor()
	if p.n.Vendor == "" {
		p.n.Vendor = adobe
	}
	return err
}

// sonyPrivate parses the directory that tells where the enciphered directory
// with white balance, black level and linearisation lies, and with what key.
// Sony's own converter adds directories with its settings.
func (p *parser) sonyPrivate(at int64) error {
	software := table{
		0xd100: {name: "VersionCreateDate", class: times},
		0xd101: {name: "VersionModifyDate", class: times},
	}
	p.used = append(p.used, p.note)
	t := table{
		0x7200: {name: "SR2SubIFDOffset", class: technical},
		0x7201: {name: "SR2SubIFDLength", class: technical},
		0x7221: {name: "SR2SubIFDKey", class: technical},
		0x7240: {name: "IDC_IFD", class: provenance, look: subdir(software)},
		0x7241: {name: "IDC2_IFD", class: provenance, look: subdir(software)},
		0x7250: {name: "MRWInfo", class: technical},
	}
	return p.dir(at, 0, t)
}
