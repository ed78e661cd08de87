package jxl

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"flightveil/internal/block/bmff"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A segment is a run of bytes of the original JPEG that the reconstruction data
// repeats.
type segment struct {
	marker byte // 0 for bytes between segments and behind the end
	data   []byte
}

// errBits is returned for reconstruction data that contradicts itself.
var errBits = errors.New("not JPEG reconstruction data")

// reconstruction tells what the JPEG bitstream reconstruction data of b holds
// (18181-2, annex A): a header in bits, which says only how the JPEG was coded,
// then a Brotli stream of the APPn and COM segments that are not Exif, XMP or a
// colour profile, of stray bytes between segments, and of everything behind the
// end of the picture. Decoders do not need the box to show the picture, but
// whoever restores the JPEG gets back the names and notes that lie there. So it
// stays, bit for bit, only if it repeats nothing but what decoding needs.
func (p *parser) reconstruction(b bmff.Box) error {
	if blank, err := p.win.Zeros(b.Body, b.End); blank || err != nil {
		return err
	}
	names, err := p.segments(b)
	if err != nil {
		return p.whole(b, privacy.Unknown, "JPEGReconstruction")
	}
	if len(names) == 0 {
		return p.coded(b.Content())
	}
	return p.whole(b, privacy.Unknown, "JPEGReconstruction/"+strings.Join(names, ", "))
}

// segments names the parts of the original JPEG that b repeats and that are
// more than what decoding the JPEG needs.
func (p *parser) segments(b bmff.Box) ([]string, error) {
	body, err := input.ReadRange(p.in, b.Body, b.Size(), p.lim.Field)
	if err != nil {
		return nil, err
	}
	sizes, n, err := readReconstruction(body)
	if err != nil {
		return nil, err
	}
	plain, err := inflate(body[n:], min(maxInflated, p.lim.Field))
	if err != nil {
		return nil, err
	}
	segments, err := split(plain, sizes)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range segments {
		const head = 3 // marker and length
		name, body := "what follows its end", s.data
		switch {
		case s.marker == 0xFE:
			name, body = "a comment", body[head:]
		case s.marker != 0:
			name, body = fmt.Sprintf("APP%d", s.marker&0xF), body[head:]
		}
		if !needed(s.marker, body) && len(bytes.Trim(body, "\x00")) > 0 && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// needed reports whether an APPn segment says how to decode the JPEG: JFIF
// without a thumbnail, Adobe's colour transform, or a part of a colour profile.
func needed(marker byte, body []byte) bool {
	switch marker {
	case 0xE0:
		return len(body) == 14 && bytes.HasPrefix(body, []byte("JFIF\x00"))
	case 0xEE:
		return len(body) == 12 && bytes.HasPrefix(body, []byte("Adobe"))
	case 0xE2:
		return bytes.HasPrefix(body, []byte("ICC_PROFILE\x00"))
	}
	return false
}

// split cuts the inflated stream into segments of the sizes given, and the rest.
func split(plain []byte, sizes []int) (out []segment, err error) {
	for _, n := range sizes {
		if n > len(plain) || n < 3 || int(plain[1])<<8|int(plain[2]) != n-1 {
			return nil, errBits
		}
		out = append(out, segment{plain[0], plain[:n:n]})
		plain = plain[n:]
	}
	if len(plain) > 0 {
		out = append(out, segment{0, plain})
	}
	return out, nil
}

// mostMarkers is how many markers a reconstructed JPEG may have (18181-2, A.2).
const mostMarkers = 16384

// readReconstruction reads the header at the start of b. It returns the sizes
// of the segments that lie in the stream behind, and where that begins.
func readReconstruction(b []byte) (sizes []int, n int, err error) {
	r := &bitReader{b: b}
	components := 3
	if r.get(1) == 1 {
		components = 1
	}
	var apps, comments, scans, strays, markers int
	restarts := false
	for m := uint32(0); m != 0xD9; {
		m = 0xC0 + r.get(6)
		switch {
		case m >= 0xE0 && m <= 0xEF:
			apps++
		case m == 0xFE:
			comments++
		case m == 0xDA:
			scans++
		case m == 0xFF:
			strays++
		case m == 0xDD:
			restarts = true
		}
		if markers++; markers > mostMarkers || r.short {
			return nil, 0, errBits
		}
	}
	for range apps {
		const unknown = 0 // the others lie elsewhere in the file
		kind := r.u32([4]dist{{0, 0}, {0, 1}, {1, 2}, {2, 4}})
		if size := int(r.get(16)) + 1; kind == unknown {
			sizes = append(sizes, size)
		}
	}
	for range comments {
		sizes = append(sizes, int(r.get(16))+1)
	}
	tables := r.u32([4]dist{{0, 1}, {0, 2}, {0, 3}, {0, 4}})
	for range tables { // precision, index, whether it is the last one
		r.get(4)
	}
	switch kind := r.get(2); kind {
	case 0: // grey
		components = 1
	case 3: // components with numbers of their own
		components = int(r.u32([4]dist{{0, 1}, {0, 2}, {0, 3}, {0, 4}}))
		for range components {
			r.get(8)
		}
	default:
		components = 3
	}
	r.get(2 * components) // quantisation tables
	if err := huffman(r); err != nil {
		return nil, 0, err
	}
	for range scans {
		in := r.u32([4]dist{{0, 1}, {0, 2}, {0, 3}, {0, 4}})
		r.get(20) // spectral selection and approximation
		for range in {
			r.get(6)
		}
		r.u32([4]dist{{0, 0}, {0, 1}, {0, 2}, {3, 3}})
	}
	if restarts {
		r.get(16)
	}
	exceptions(r, scans)
	for range strays {
		r.get(16)
	}
	r.u32([4]dist{{0, 0}, {8, 1}, {16, 257}, {22, 65793}}) // bytes behind the end
	if r.get(1) == 1 {                                     // padding bits that are not all ones
		count := r.get(24)
		r.pos += int(count)
	}
	if r.short || r.bytes() > len(b) {
		return nil, 0, errBits
	}
	return sizes, r.bytes(), nil
}

// huffman reads the Huffman codes.
func huffman(r *bitReader) error {
	for range r.u32([4]dist{{0, 4}, {3, 2}, {4, 10}, {6, 26}}) {
		r.get(4) // class, index, whether it is the last one
		symbols := uint32(0)
		for range 17 {
			symbols += r.u32([4]dist{{0, 0}, {0, 1}, {3, 2}, {8, 0}})
		}
		for range symbols {
			r.u32([4]dist{{2, 0}, {2, 4}, {4, 8}, {8, 1}})
		}
		if r.short {
			return errBits
		}
	}
	return nil
}

// exceptions reads where the coding of each scan is not the usual one.
func exceptions(r *bitReader, scans int) {
	several := [4]dist{{0, 0}, {2, 1}, {4, 4}, {16, 20}}
	block := [4]dist{{0, 0}, {3, 1}, {5, 9}, {28, 41}}
	for range scans {
		for range r.u32(several) { // points where the entropy coder starts anew
			if r.u32(block); r.short {
				return
			}
		}
		for range r.u32(several) { // runs of zeros longer than they need be
			r.u32([4]dist{{0, 1}, {2, 2}, {4, 5}, {8, 20}})
			if r.u32(block); r.short {
				return
			}
		}
	}
}
