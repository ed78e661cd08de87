package xmp

import (
	"strconv"
	"strings"
)

// Flat returns the name of a leaf in one word, the names of the structures run
// together as exiftool does: "Iptc4xmpExt:LocationCreatedCity".
func (l Leaf) Flat() string {
	if len(l.Path) == 0 {
		return ""
	}
	top := l.Path[0]
	name := top.Local
	if len(l.Path) > 1 {
		name = flatten(l.Path)
	}
	if top.Prefix == "" {
		return clean(name)
	}
	return clean(top.Prefix + ":" + name)
}

func flatten(path []Name) string {
	top := path[0]
	if top.Is("mwg-kw", "Keywords") {
		return hierarchical(path)
	}
	name, short := top.Local, shortened[top.Prefix+":"+top.Local]
	if short.top != "" {
		name = short.top
	}
	for _, n := range path[1:] {
		field := n.Local
		if whole, ok := fieldNames[field]; ok {
			name = whole
			continue
		}
		for _, s := range short.strip {
			field = strings.TrimPrefix(field, s)
		}
		if short.top != "" && n.Local == "PersonCharacteristic" && len(path) > 2 {
			field = "CvTerm"
		}
		if strings.HasSuffix(name, "CvTerm") {
			field = strings.TrimPrefix(field, "CvTerm")
		}
		switch {
		case field == "":
		case len(name) <= len(field) && strings.EqualFold(field[:len(name)], name): // Licensor/LicensorName
			name = field
		default:
			name += strings.ToUpper(field[:1]) + field[1:]
		}
	}
	return name
}

// hierarchical names a keyword of a tree by its level.
func hierarchical(path []Name) string {
	level, rest := 0, ""
	for _, n := range path[1:] {
		switch n.Local {
		case "Hierarchy", "Children":
			level++
		case "Keyword":
		default:
			rest += n.Local
		}
	}
	return "HierarchicalKeywords" + strconv.Itoa(level) + rest
}

// shortened lists the structures whose name, or the beginning of whose fields'
// names, is left out.
var shortened = map[string]struct {
	top   string
	strip []string
}{
	"Iptc4xmpExt:ArtworkOrObject":       {"Artwork", []string{"AO", "Current"}},
	"Iptc4xmpExt:PersonInImageWDetails": {"PersonInImage", []string{"Person"}},
	"Iptc4xmpExt:ProductInImage":        {"", []string{"Product"}},
	"Iptc4xmpExt:Rating":                {"", []string{"Rating"}},
	"mwg-rs:Regions":                    {"Region", []string{"RegionList"}},
	"MP:RegionInfo":                     {"Region", []string{"Regions"}},
	"acdsee-rs:Regions":                 {"ACDSeeRegion", []string{"RegionList"}},
	"dcterms:Location":                  {"DC", nil},
}

// fieldNames lists the fields that have a name of their own.
var fieldNames = map[string]string{
	"CiAdrCity": "CreatorCity", "CiAdrCtry": "CreatorCountry", "CiAdrExtadr": "CreatorAddress", "CiAdrPcode": "CreatorPostalCode",
	"CiAdrRegion": "CreatorRegion", "CiEmailWork": "CreatorWorkEmail", "CiTelWork": "CreatorWorkTelephone", "CiUrlWork": "CreatorWorkURL",
	"RegItemId": "RegistryItemID", "RegOrgId": "RegistryOrganisationID", "RegEntryRole": "RegistryEntryRole",
}

// clean keeps a name from a hostile file short and printable.
func clean(s string) string {
	const most = 120
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == '/' || r == '\uFFFD' || r == 0x7F {
			return '_'
		}
		return r
	}, s)
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "_")
	}
	return s
}
