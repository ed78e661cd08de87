package tiff

import (
	"flightveil/internal/geo"
	"flightveil/internal/privacy"
)

// GeoTIFF 1.1: keys of the GeoKeyDirectory.
const (
	keyModelType = 1024 // GTModelTypeGeoKey
	geographic   = 2    // latitude and longitude
)

// tiePoint adds the finding about tag 8482: raster positions and where on
// earth they are. It is a place of its own if the model is geographic;
// otherwise its numbers are metres of some projection.
func (d *doc) tiePoint(r ref, f privacy.Finding) error {
	v, err := d.r.Floats(r.Entry(), 6)
	if err != nil {
		return err
	}
	if f.Value, err = d.text(r.Entry()); err != nil {
		return err
	}
	geographicModel, err := d.isGeographic(r.dir)
	if err != nil {
		return err
	}
	if geographicModel && len(v) == 6 {
		if at := (geo.Point{Lat: v[4], Lon: v[3]}); at.Valid() {
			f.Where = &at
		}
	}
	d.finding(r, f) // a map has no coarse place: it is cut where that is asked for
	return nil
}

// isGeographic reports whether x's GeoTIFF keys say so.
func (d *doc) isGeographic(x *dir) (bool, error) {
	e, _ := x.Find(tagGeoKeys)
	var quad []int64
	for v, err := range d.r.Integers(e) {
		if err != nil {
			return false, err
		}
		if quad = append(quad, v); len(quad) < 4 {
			continue
		}
		if quad[0] == keyModelType && quad[1] == 0 {
			return quad[3] == geographic, nil
		}
		quad = quad[:0]
	}
	return false, nil
}
