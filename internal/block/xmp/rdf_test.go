package xmp

import (
	"fmt"
	"strings"
	"testing"
)

func packet(body string) []byte {
	return []byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:q="http://ns.adobe.com/xap/1.0/mm/"` + body + `</rdf:RDF></x:xmpmeta>`)
}

func list(b []byte) (*Packet, string) {
	p := Parse(b, 1000)
	var out []string
	for _, l := range p.Leaves {
		if l.Kind == Namespace {
			continue
		}
		var values []string
		for _, v := range l.Values {
			values = append(values, v.Text)
		}
		out = append(out, fmt.Sprintf("%s=%s#%d", l.Flat(), strings.Join(values, ";"), l.Struct))
	}
	return p, strings.Join(out, " ")
}

// TestForms checks that one property is the same leaf however it is written.
func TestForms(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{` dc:source="v"/>`, "dc:source=v#0"},
		{`><dc:source>v</dc:source></rdf:Description>`, "dc:source=v#0"},
		{`><dc:source rdf:resource="v"/></rdf:Description>`, "dc:source=v#0"},
		{`><dc:source><rdf:Bag><rdf:li>v</rdf:li></rdf:Bag></dc:source></rdf:Description>`, "dc:source=v#0"},
		{`><dc:source><rdf:Seq><rdf:li rdf:resource="v"/></rdf:Seq></dc:source></rdf:Description>`, "dc:source=v#0"},
		{`><dc:source><rdf:Alt><rdf:_1 xml:lang="de">v</rdf:_1></rdf:Alt></dc:source></rdf:Description>`, "dc:source=v#0"},
		{`><dc:source rdf:parseType="Resource"><rdf:value>v</rdf:value></dc:source></rdf:Description>`, "dc:source=v#0"},
		{`><dc:source rdf:parseType="Literal">v</dc:source></rdf:Description>`, "dc:source=v#0"},
		{`><dc:source><![CDATA[v]]></dc:source></rdf:Description>`, "dc:source=v#0"},
		{`><dc:source><rdf:Bag><rdf:li>v</rdf:li><rdf:li>w</rdf:li></rdf:Bag></dc:source></rdf:Description>`, "dc:source=v;w#0"},
		{`><dc:source/></rdf:Description>`, "dc:source=#0"},
		{`><dc:source><rdf:Bag/></dc:source></rdf:Description>`, "dc:source=#0"},
		// Structures: attributes, fields, a nested description, a typed node.
		{`><q:DerivedFrom q:documentID="v" q:instanceID="w"/></rdf:Description>`, "xmpMM:DerivedFromDocumentID=v#1 xmpMM:DerivedFromInstanceID=w#1"},
		{`><q:DerivedFrom rdf:parseType="Resource"><q:documentID>v</q:documentID><q:instanceID>w</q:instanceID></q:DerivedFrom></rdf:Description>`, "xmpMM:DerivedFromDocumentID=v#1 xmpMM:DerivedFromInstanceID=w#1"},
		{`><q:DerivedFrom><rdf:Description q:documentID="v"><q:instanceID>w</q:instanceID></rdf:Description></q:DerivedFrom></rdf:Description>`, "xmpMM:DerivedFromDocumentID=v#1 xmpMM:DerivedFromInstanceID=w#1"},
		{`><q:History><rdf:Seq><rdf:li q:when="v"/><rdf:li q:when="w"/></rdf:Seq></q:History></rdf:Description>`, "xmpMM:HistoryWhen=v#3 xmpMM:HistoryWhen=w#4"},
		// A qualifier, markup inside a value, an attribute RDF does not know.
		{`><dc:source rdf:parseType="Resource"><rdf:value>v</rdf:value><q:role>w</q:role></dc:source></rdf:Description>`, "dc:source=v#0 dc:sourceRole=w#1"},
		{`><dc:source>v<!--w-->x</dc:source></rdf:Description>`, "dc:source=vx#0 comment=<!--w-->#0"},
		{` rdf:nodeID="v">w</rdf:Description>`, "rdf:nodeID=v#0 text=w#0"},
		{`/><rdf:Description about="v"/>`, "rdf:about=v#0"},
		{`/><other>v</other>`, "other=v#0"},
	} {
		if p, got := list(packet(c.body)); got != c.want || p.Err != nil {
			t.Errorf("%s\n got %s\nwant %s (%v)", c.body, got, c.want, p.Err)
		}
	}
}

func TestFlatNames(t *testing.T) {
	for _, c := range []struct{ path, want string }{
		{"dc:creator", "dc:creator"},
		{"Iptc4xmpExt:LocationCreated Iptc4xmpExt:City", "Iptc4xmpExt:LocationCreatedCity"},
		{"Iptc4xmpExt:LocationShown exif:GPSLatitude", "Iptc4xmpExt:LocationShownGPSLatitude"},
		{"Iptc4xmpExt:LocationShown Iptc4xmpExt:LocationId", "Iptc4xmpExt:LocationShownLocationId"},
		{"Iptc4xmpCore:CreatorContactInfo Iptc4xmpCore:CiAdrCity", "Iptc4xmpCore:CreatorCity"},
		{"Iptc4xmpExt:ArtworkOrObject Iptc4xmpExt:AOCurrentLicensorName", "Iptc4xmpExt:ArtworkLicensorName"},
		{"Iptc4xmpExt:PersonInImageWDetails Iptc4xmpExt:PersonName", "Iptc4xmpExt:PersonInImageName"},
		{"Iptc4xmpExt:PersonInImageWDetails Iptc4xmpExt:PersonCharacteristic Iptc4xmpExt:CvTermName", "Iptc4xmpExt:PersonInImageCvTermName"},
		{"plus:Licensor plus:LicensorEmail", "plus:LicensorEmail"},
		{"mwg-rs:Regions mwg-rs:RegionList mwg-rs:Name", "mwg-rs:RegionName"},
		{"mwg-rs:Regions mwg-rs:RegionList mwg-rs:Area stArea:x", "mwg-rs:RegionAreaX"},
		{"MP:RegionInfo MPRI:Regions MPReg:PersonDisplayName", "MP:RegionPersonDisplayName"},
		{"mwg-kw:Keywords mwg-kw:Hierarchy mwg-kw:Children mwg-kw:Keyword", "mwg-kw:HierarchicalKeywords2"},
		{"v:a/b\n", "v:a_b_"},
	} {
		var l Leaf
		for part := range strings.SplitSeq(c.path, " ") {
			prefix, local, _ := strings.Cut(part, ":")
			l.Path = append(l.Path, Name{Prefix: prefix, Local: local})
		}
		if got := l.Flat(); got != c.want {
			t.Errorf("%s: %s, want %s", c.path, got, c.want)
		}
	}
}

// TestDepth checks that nesting without end is cut off, not followed.
func TestDepth(t *testing.T) {
	p, _ := list(packet(`>` + strings.Repeat("<dc:a>", 60) + strings.Repeat("<dc:b>v</dc:b>", 100) + strings.Repeat("</dc:a>", 60) + `</rdf:Description>`))
	if n := len(p.Leaves); p.Err != nil || n != 2 || len(p.Leaves[1].Path) != maxPath || p.Leaves[1].Kind != Markup { // one is the unused namespace
		t.Errorf("%d leaves, %v", n, p.Err)
	}
}
