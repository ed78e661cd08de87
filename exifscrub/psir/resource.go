package psir

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"flightveil/exifscrub"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// signatures are the types of resource in use: Photoshop, ImageReady,
// PhotoDeluxe and two more that no specification lists.
var signatures = map[string]bool{"8BIM": true, "PHUT": true, "DCSR": true, "AgHg": true, "MeSa": true}

// maxValue bounds what of a resource is shown as text.
const maxValue = 4 << 10

// resource is one image resource block, or the rest that is none.
type resource struct {
	sig        string
	id         uint16
	start, end int64          // with header and padding
	name       exifscrub.Span // Pascal string with its padding
	body       exifscrub.Span
	items      []exifscrub.Item
	named      bool             // items[0] is the resource's name
	fields     []exifscrub.Span // strings in the body that are items of their own
	thumbnail  bool             // the body is a picture behind a header

	decisions []exifscrub.Decision
}

// parse returns every resource with its items. What is not a resource is the
// last one.
func parse(ctx context.Context, in exifscrub.Input, lim exifscrub.Limits) ([]resource, error) {
	var rs []resource
	for pos := int64(0); pos < in.Size(); {
		if len(rs) == lim.Items {
			return nil, fmt.Errorf("more than %d image resources: %w", lim.Items, input.ErrLimit)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, ok, err := next(in, pos)
		switch {
		case err != nil:
		case ok:
			err = r.judge(in)
		default:
			var padding bool
			if padding, err = zero(in, pos); padding && err == nil {
				return rs, nil
			}
			r = resource{start: pos, end: in.Size(), body: exifscrub.Span{Off: pos, Len: in.Size() - pos}}
			r.add(privacy.Unknown, "Trailing", "")
		}
		if err != nil {
			return nil, fmt.Errorf("reading image resource at %d: %w", pos, err)
		}
		rs = append(rs, r)
		pos = r.end
	}
	return rs, nil
}

// next reads the resource at pos: signature, ID, name, size, body.
func next(in exifscrub.Input, pos int64) (resource, bool, error) {
	left := in.Size() - pos
	head, err := input.ReadRange(in, pos, min(left, 7), 7)
	if err != nil || len(head) < 7 || !signatures[string(head[:4])] {
		return resource{}, false, err
	}
	r := resource{sig: string(head[:4]), id: binary.BigEndian.Uint16(head[4:]), start: pos}
	r.name = exifscrub.Span{Off: pos + 6, Len: (int64(head[6]) + 2) &^ 1} // the length byte counts when padding to even
	if r.name.Len > left-6 || left-6-r.name.Len < 4 {
		return resource{}, false, nil
	}
	size, err := input.ReadRange(in, r.name.End(), 4, 4)
	if err != nil {
		return resource{}, false, err
	}
	r.body = exifscrub.Span{Off: r.name.End() + 4, Len: int64(binary.BigEndian.Uint32(size))}
	if r.body.Len > in.Size()-r.body.Off {
		return resource{}, false, nil
	}
	r.end = min(in.Size(), r.body.End()+r.body.Len&1)
	return r, true, nil
}

// judge fills in r's items.
func (r *resource) judge(in exifscrub.Input) error {
	name, err := input.ReadRange(in, r.name.Off, r.name.Len, 256)
	if err != nil {
		return err
	}
	if len(bytes.Trim(name, "\x00")) > 0 {
		r.named = true
		n := name[1 : 1+int(name[0])]
		r.items = append(r.items, exifscrub.Item{Finding: &privacy.Finding{
			Class: privacy.Description, Path: "ResourceName", Spans: []exifscrub.Span{r.name}, Value: privacy.Secret(latin(n))}})
	}
	body, err := input.ReadRange(in, r.body.Off, min(r.body.Len, maxValue), maxValue)
	if err != nil {
		return err
	}
	k := kindOf(r.sig, r.id)
	switch {
	case k.child != "":
		r.items = append(r.items, exifscrub.Item{Child: &exifscrub.Child{
			Path: k.name, Format: k.child, Spans: []exifscrub.Span{r.body}, Class: privacy.Unknown, Expendable: true}})
	case k.class == privacy.Preview && isThumbnail(body):
		r.thumbnail = true
		picture := exifscrub.Span{Off: r.body.Off + thumbnailHeader, Len: r.body.Len - thumbnailHeader}
		r.items = append(r.items, exifscrub.Item{Child: &exifscrub.Child{
			Path: k.name, Spans: []exifscrub.Span{picture}, Class: k.class, Stray: true}})
	case k.name == "VersionInfo" && r.versionInfo(body):
	case k.name == "ICC_Profile" && (len(body) < 128 || string(body[36:40]) != "acsp"): // ICC.1:2022, 7.2
		r.add(privacy.Unknown, k.name, "")
	case k.form != opaque && k.form != digest && r.body.Len <= maxValue && len(bytes.Trim(body, "\x00")) == 0: // an empty text
	case k.class != "":
		r.add(k.class, k.name, k.text(body))
	case !k.size.fits(r.body.Len):
		r.add(privacy.Unknown, k.name, "")
	}
	return nil
}

// add makes r's body a finding.
func (r *resource) add(c privacy.Class, path, value string) {
	r.items = append(r.items, exifscrub.Item{Finding: &privacy.Finding{Class: c, Path: path, Spans: []exifscrub.Span{r.body}, Value: privacy.Secret(value)}})
}

// Header of a thumbnail ("Thumbnail resource format"): format, width, height,
// row bytes, size, compressed size, depth, planes.
const (
	thumbnailHeader = 28
	compressedSize  = 20
)

func isThumbnail(b []byte) bool {
	const jpeg = 1
	return len(b) > thumbnailHeader+2 && binary.BigEndian.Uint32(b) == jpeg && b[thumbnailHeader] == 0xFF && b[thumbnailHeader+1] == 0xD8
}

// versionInfo makes findings of the writer's and reader's name. The rest stays:
// it says whether the merged picture is real. It reports whether the body is
// what the specification promises.
func (r *resource) versionInfo(b []byte) bool {
	const before, after = 5, 4 // version and flag; file version
	pos := before
	var items []exifscrub.Item
	var fields []exifscrub.Span
	for _, name := range []string{"WriterName", "ReaderName"} {
		text, n, ok := unicodeString(b, pos)
		if !ok {
			return false
		}
		if n > 4 {
			at := exifscrub.Span{Off: r.body.Off + int64(pos), Len: int64(n)}
			fields = append(fields, at)
			items = append(items, exifscrub.Item{Finding: &privacy.Finding{Class: privacy.Device, Path: name, Spans: []exifscrub.Span{at}, Value: privacy.Secret(text)}})
		}
		pos += n
	}
	if int64(pos+after) != r.body.Len {
		return false
	}
	r.items, r.fields = append(r.items, items...), fields
	return true
}

// unicodeString reads a string at pos: the number of UTF-16 units and these,
// big-endian. n is its length in bytes.
func unicodeString(b []byte, pos int) (text string, n int, ok bool) {
	if pos > len(b)-4 {
		return "", 0, false
	}
	units := int64(binary.BigEndian.Uint32(b[pos:]))
	b = b[pos+4:]
	if units > int64(len(b)/2) {
		return "", 0, false
	}
	u := make([]uint16, units)
	for i := range u {
		u[i] = binary.BigEndian.Uint16(b[2*i:])
	}
	return strings.TrimRight(string(utf16.Decode(u)), "\x00"), 4 + 2*len(u), true
}

// pascalStrings returns the strings of a row of Pascal strings.
func pascalStrings(b []byte, most int) string {
	var out []string
	for len(out) < most && len(b) > 0 && int(b[0]) < len(b) {
		n := 1 + int(b[0])
		out = append(out, latin(b[1:n]))
		b = b[n:]
	}
	return strings.Join(out, ", ")
}

func latin(b []byte) string {
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return string(r)
}

func bytesText(b []byte) string { return strconv.Itoa(len(b)) + " bytes" }

// zero reports whether in holds only zeros from pos on.
func zero(in exifscrub.Input, pos int64) (bool, error) {
	var buf [4 << 10]byte
	for pos < in.Size() {
		b := buf[:min(int64(len(buf)), in.Size()-pos)]
		if err := input.ReadFull(in, b, pos); err != nil {
			return false, err
		}
		if len(bytes.Trim(b, "\x00")) > 0 {
			return false, nil
		}
		pos += int64(len(b))
	}
	return true, nil
}
