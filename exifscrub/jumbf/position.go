package jumbf

import (
	"math"
	"strconv"
	"strings"

	"flightveil/internal/geo"
)

// locate returns, for the leaves that are a latitude or a longitude, the
// position they belong to. An assertion that names more than one is left alone.
func locate(leaves []leaf) map[int]*geo.Point {
	var lat, lon []int
	refs := map[byte]string{}
	for i, l := range leaves {
		if len(l.keys) == 0 {
			continue
		}
		switch name := strings.ToLower(l.keys[len(l.keys)-1]); {
		case strings.HasSuffix(name, "latitude"):
			lat = append(lat, i)
		case strings.HasSuffix(name, "longitude"):
			lon = append(lon, i)
		case strings.HasSuffix(name, "latituderef"):
			refs['N'] = l.value
		case strings.HasSuffix(name, "longituderef"):
			refs['E'] = l.value
		}
	}
	if len(lat) != 1 || len(lon) != 1 {
		return nil
	}
	p := geo.Point{Lat: angle(leaves[lat[0]].value, refs['N']), Lon: angle(leaves[lon[0]].value, refs['E'])}
	if !p.Valid() {
		return nil
	}
	return map[int]*geo.Point{lat[0]: &p, lon[0]: &p}
}

// angle reads "39,21.102N", "39,21,6.1N" (XMP, GPSCoordinate) or decimal
// degrees, with ref for a hemisphere that is not there. NaN means no angle.
func angle(s, ref string) float64 {
	s = strings.TrimSpace(s)
	if n := len(s); n > 0 && strings.ContainsRune("NSEW", rune(s[n-1])) {
		s, ref = s[:n-1], s[n-1:]
	}
	var v float64
	unit := 1.0
	for part := range strings.SplitSeq(s, ",") {
		x, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || unit > 3600 {
			return math.NaN()
		}
		v += x / unit
		unit *= 60
	}
	if strings.HasPrefix(ref, "S") || strings.HasPrefix(ref, "W") {
		return -math.Abs(v)
	}
	return v
}
