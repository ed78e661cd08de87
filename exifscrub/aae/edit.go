package aae

import (
	"encoding/base64"
	"slices"
	"strings"

	"flightveil/exifscrub"
	"flightveil/internal/block/plist"
	"flightveil/internal/input"
)

// changes is what the decisions ask for, whatever the list is written in.
type changes struct {
	drop   map[int]bool // keys that go with their values
	clear  map[int]bool // keys whose value becomes empty
	day    map[int]bool // keys whose date loses its time
	extras []input.Span // bytes to blank
	data   *[]byte      // new edits
	key    int          // their key
}

func (d *document) edits(decisions []exifscrub.Decision) ([]exifscrub.Edit, error) {
	c := changes{drop: map[int]bool{}, clear: map[int]bool{}, day: map[int]bool{}}
	parts := map[int]bool{}
	work := false
	for k, dec := range decisions {
		e := d.entries[k]
		if !dec.Gone() && !dec.Coarse() {
			continue
		}
		work = true
		switch {
		case e.extra != none:
			c.extras = append(c.extras, d.Extras[e.extra].Span)
		case e.part != none:
			parts[e.part], c.key = true, e.key
		case dec.Coarse() && d.Root.Items[e.key].Kind == plist.Date:
			c.day[e.key] = true
		case d.expected(e.key):
			c.clear[e.key] = true // readers expect the key
		default:
			c.drop[e.key] = true
		}
	}
	if !work {
		return nil, nil
	}
	if len(parts) > 0 {
		b, err := d.data.without(parts)
		if err != nil {
			return nil, err
		}
		c.data = &b
	}
	if d.Binary != nil {
		return d.binaryEdits(c)
	}
	return d.xmlEdits(c), nil
}

// expected reports whether readers want to see the key, if only with nothing.
func (d *document) expected(key int) bool {
	switch kind := d.Root.Items[key].Kind; d.Root.Keys[key].Text {
	case "adjustmentData":
		return kind == plist.Data || kind == plist.String
	case "adjustmentEditorBundleID":
		return kind == plist.String
	}
	return false
}

func (d *document) xmlEdits(c changes) []exifscrub.Edit {
	var out []exifscrub.Edit
	width := len(d.XML.Encode(" "))
	blank := func(s input.Span) {
		out = append(out, exifscrub.Edit{Off: s.Off, Len: s.Len, With: d.XML.Encode(strings.Repeat(" ", int(s.Len)/width))})
	}
	for i, v := range d.Root.Items {
		body := exifscrub.Edit{Off: v.Body.Off, Len: v.Body.Len}
		switch {
		case c.drop[i]:
			key := d.Root.Keys[i].Span
			blank(input.Span{Off: key.Off, Len: v.Span.End() - key.Off})
		case c.clear[i] && v.Body.Len > 0:
			// The end tag moves forward, so that the size stays.
			body.Len = v.Span.End() - v.Body.Off
			body.With = slices.Concat(d.raw[v.Body.End():v.Span.End()], d.XML.Encode(strings.Repeat(" ", int(v.Body.Len)/width)))
			out = append(out, body)
		case c.day[i]:
			body.With = d.XML.Encode(v.Text[:len("2006-01-02")] + "T00:00:00Z")
			out = append(out, body)
		case c.data != nil && c.key == i:
			body.With = d.XML.Encode(wrap(base64.StdEncoding.EncodeToString(*c.data)))
			out = append(out, body)
		}
	}
	for _, s := range c.extras {
		blank(s)
	}
	return sorted(out)
}

// wrap breaks Base64 into lines as Apple's writers do.
func wrap(s string) string {
	const line = 68
	if s == "" {
		return ""
	}
	var out strings.Builder
	for len(s) > 0 {
		n := min(line, len(s))
		out.WriteString("\n\t" + s[:n])
		s = s[n:]
	}
	return out.String() + "\n\t"
}

// sorted returns edits in order, without those inside another.
func sorted(edits []exifscrub.Edit) []exifscrub.Edit {
	slices.SortStableFunc(edits, func(a, b exifscrub.Edit) int { return int(a.Off - b.Off) })
	var end int64
	return slices.DeleteFunc(edits, func(e exifscrub.Edit) bool {
		inside := e.Off+e.Len <= end
		end = max(end, e.Off+e.Len)
		return inside
	})
}
