package heif

import (
	"flightveil/exifscrub"
	"flightveil/internal/privacy"
)

// mediaData adds the bytes of media data that no item and no track owns: what
// was cut out of the lists of items but left in the file.
func (p *parser) mediaData() error {
	owned := sorted(p.owned)
	for _, m := range sorted(p.media) {
		var loose []exifscrub.Span
		for _, s := range minus([]exifscrub.Span{m}, owned) {
			blank, err := p.win.Zeros(s.Off, s.End())
			if err != nil {
				return err
			}
			if !blank {
				loose = append(loose, s)
			}
		}
		if len(loose) > 0 {
			if err := p.finding(privacy.Unknown, "MediaData", "", 0, loose...); err != nil {
				return err
			}
		}
	}
	return nil
}
