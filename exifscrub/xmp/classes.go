package xmp

import (
	"slices"
	"strings"
	"sync"

	"flightveil/internal/block/xmp"
	"flightveil/internal/privacy"
)

// namespace is a ruleset made ready for lookups. Names are there in lower case
// too: firmware is not careful with capitals.
type namespace struct {
	exact    map[string]privacy.Class
	prefixes []wildcard
}

type wildcard struct {
	before, after string
	class         privacy.Class
}

// namespaces returns the tables, read once.
var namespaces = sync.OnceValue(func() map[string]namespace {
	out := make(map[string]namespace, len(tables))
	for prefix, rules := range tables {
		ns := namespace{exact: map[string]privacy.Class{}}
		for _, class := range slices.Concat(privacy.Classes, []privacy.Class{neutral}) { // a fixed order; longer wildcards win below
			for name := range strings.FieldsSeq(rules[class]) {
				before, after, star := strings.Cut(strings.ToLower(name), "*")
				if !star {
					ns.exact[name], ns.exact[before] = class, class
					continue
				}
				ns.prefixes = append(ns.prefixes, wildcard{before, after, class})
			}
		}
		out[prefix] = ns
	}
	return out
})

// rule returns what the table says about name.
func rule(n xmp.Name) (privacy.Class, bool) {
	ns, ok := namespaces()[n.Prefix]
	if !ok {
		return "", false
	}
	if c, ok := ns.exact[n.Local]; ok {
		return c, true
	}
	local := strings.ToLower(n.Local)
	if c, ok := ns.exact[local]; ok {
		return c, true
	}
	var best *wildcard
	for i := range ns.prefixes {
		w := &ns.prefixes[i]
		if strings.HasPrefix(local, w.before) && strings.HasSuffix(local, w.after) && (best == nil || len(w.before)+len(w.after) > len(best.before)+len(best.after)) {
			best = w
		}
	}
	if best == nil {
		return "", false
	}
	return best.class, true
}

// A judge classifies the leaves of one packet.
type judge struct {
	// develop says that the Camera Raw settings are still to be applied, as in
	// the sidecar of a raw file. In a developed picture they are only history.
	develop bool
}

func newJudge(p *xmp.Packet) judge {
	var has, applied bool
	for _, l := range p.Leaves {
		if l.Kind == xmp.Property && len(l.Path) == 1 && l.Path[0].Prefix == "crs" && boolean(l.Values[0].Text) {
			v := strings.EqualFold(l.Values[0].Text, "true")
			switch l.Path[0].Local {
			case "HasSettings":
				has = v
			case "AlreadyApplied":
				applied = v
			}
		}
	}
	return judge{develop: has && !applied}
}

// classify says what a leaf gives away.
func (j judge) classify(l xmp.Leaf) privacy.Class {
	switch l.Kind {
	case xmp.About:
		return privacy.Identity
	case xmp.Toolkit:
		return privacy.Device
	case xmp.Namespace:
		if xmp.Known(l.Decl.URI) {
			return privacy.Device // which programs and cameras had a hand in it
		}
		return privacy.Unknown
	case xmp.Markup:
		return privacy.Unknown
	}
	for _, n := range l.Path {
		if c, ok := whole[n.Prefix+":"+n.Local]; ok {
			return c
		}
	}
	if l.Path[0].Prefix == "crs" || l.Path[0].Prefix == "crss" || l.Path[0].Prefix == "crd" {
		return j.cameraRaw(l)
	}
	for i := len(l.Path) - 1; i >= 0; i-- {
		c, ok := rule(l.Path[i])
		if !ok {
			continue
		}
		if !stays(c) {
			return c
		}
		if i < len(l.Path)-1 || !allowed(l.Path) || !harmless(l) {
			return privacy.Unknown
		}
		if c == privacy.Technical && usual(l) {
			return neutral
		}
		return c
	}
	for i := len(l.Path) - 1; i >= 0; i-- {
		if c := guess(l.Path[i].Local); c != privacy.Unknown {
			return c
		}
	}
	return privacy.Unknown
}

// cameraRaw classifies Camera Raw settings. Those that are numbers stay where
// they are still to be applied: like exposure, they are how the picture looks.
func (j judge) cameraRaw(l xmp.Leaf) privacy.Class {
	n := l.Path[0]
	switch {
	case n.Local == "RawFileName" || strings.HasSuffix(n.Local, "UUID") || strings.HasSuffix(n.Local, "Digest"):
		return privacy.Identity
	case !j.develop || !n.Sure || n.Prefix != "crs" || len(l.Path) > 1:
		return privacy.Provenance
	}
	for _, v := range l.Values {
		if s := strings.TrimSpace(v.Text); !number(s) && !boolean(s) && !(n.Local == "WhiteBalance" && len(s) <= 16 && word(s, " ")) {
			return privacy.Provenance
		}
	}
	return privacy.Exposure
}

// stays reports whether c is one of the classes a posted picture keeps.
func stays(c privacy.Class) bool {
	return c == privacy.Technical || c == privacy.Exposure || c == neutral
}

// allowed reports whether every name on the way to a value is one of those that stay.
func allowed(path []xmp.Name) bool {
	for _, n := range path {
		if c, ok := rule(n); !n.Sure || !ok || !stays(c) {
			return false
		}
	}
	return true
}

// harmless reports whether every value of l has the form of a setting: numbers,
// or one of the few words that occur. A field that is allowed to stay could
// otherwise carry anything.
func harmless(l xmp.Leaf) bool {
	n := l.Path[len(l.Path)-1]
	for _, v := range l.Values {
		s := strings.TrimSpace(v.Text)
		switch {
		case number(s) || boolean(s):
		case n.Is("GPano", "ProjectionType"), n.Is("GSpherical", "ProjectionType"), n.Is("GSpherical", "StereoMode"), n.Is("Item", "Semantic"), n.Is("exifEX", "InteroperabilityIndex"):
			if !word(s, "_-") {
				return false
			}
		case n.Is("xmpDM", "videoFieldOrder"), n.Prefix == "xmpDM" && strings.HasPrefix(n.Local, "audio"), n.Is("stDim", "unit"), n.Is("xmpDM", "videoColorSpace"):
			if !word(s, "-.") {
				return false
			}
		case n.Is("Item", "Mime"), n.Is("dc", "format"):
			if !word(s, "/+.-") {
				return false
			}
		case n.Is("apdi", "AuxiliaryImageType"), n.Is("apdi", "AuxiliaryImageSubType"):
			if !strings.HasPrefix(s, "urn:com:apple:photo:") && !strings.HasPrefix(s, "tag:apple.com,") || !word(s, ":,.-_") {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// usual reports whether l says what a reader assumes without it.
func usual(l xmp.Leaf) bool {
	n, s := l.Path[len(l.Path)-1], strings.TrimSpace(l.Values[0].Text)
	switch {
	case n.Is("tiff", "Orientation"):
		return s == "1"
	case n.Is("exif", "ColorSpace"):
		return s == "1" || s == "65535" || s == "-1" // sRGB, or what the colour profile says
	case n.Local == "TlinearGain":
		return strings.Trim(s, "0.") == ""
	}
	return false
}

// number reports whether s is made of numbers, fractions and separators.
func number(s string) bool {
	return len(s) <= 200 && strings.Trim(s, "0123456789+-./,:; eE") == ""
}

func boolean(s string) bool {
	return strings.EqualFold(s, "true") || strings.EqualFold(s, "false")
}

// word reports whether s is short and made of letters, digits and extra.
func word(s, extra string) bool {
	if len(s) > 64 {
		return false
	}
	for _, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') && !strings.ContainsRune(extra, r) {
			return false
		}
	}
	return true
}
