package mkv

import (
	"flightveil/exifscrub"
	"flightveil/internal/privacy"
)

// attachment makes the data of an attached file a child (section 5.1.6.1): it
// is cleaned if it can be read, and goes with all about it if not.
func (p *parser) attachment(n *node, _ int) error {
	data := n.kid(idFileData)
	if data == nil || data.cut || data.end == data.data {
		p.find(privacy.Finding{Class: privacy.Unknown, Path: "Attachments/AttachedFile", Spans: []exifscrub.Span{n.span()}}, entry{act: makeVoid, node: n})
		return nil
	}
	child := exifscrub.Child{Path: "Attachments/AttachedFile", Spans: []exifscrub.Span{data.body()}, Fixed: true}
	p.entries = append(p.entries, entry{Item: exifscrub.Item{Child: &child}, act: makeVoid, node: n})
	return nil
}
