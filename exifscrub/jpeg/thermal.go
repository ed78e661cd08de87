package jpeg

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/privacy"
)

// DJI's thermal cameras store the radiometric picture beside the visible one:
// a plane of 16-bit values, little-endian, cut into APP3 segments, measurement
// parameters in APP4 and a calibration table in APP5 (Zenmuse H20, H30, Mavic
// and Matrice series), or the plane in APP4, the table in APP3 and a plug-in
// block in APP2 (Zenmuse XT S). None of it carries a signature or an index: it
// is recognised by its size and by what lies beside it, and the order of the
// segments is the order of the plane. DJI publishes no layout.
//
// FLIR's cameras use FFF blocks instead, see [file.flir].

// planes lists the sensors, for pictures that are shown in another size.
var planes = [][2]int64{{160, 120}, {256, 192}, {320, 240}, {320, 256}, {336, 256}, {384, 288}, {640, 480}, {640, 512}, {1280, 1024}}

// plug begins the plug-in block of the Zenmuse XT S.
const plug = "Plug\x00"

// textual lists signatures of other uses of APP3 to APP5.
var textual = []string{"Meta\x00", "META\x00", "Exif\x00", "Stim\x00", "_JPSJPS_", "SCALADO\x00", "FPXR\x00", "QVCI", "RMETA\x00", "ssuniqueid", "DJI-DBG", "PADDING"}

// thermal finds DJI's thermal data among cs, makes parts of it and reports
// whether there is any.
func (f *file) thermal(cs []*carrier) (bool, error) {
	// Make and model are no part of the test: the block that tells them may go.
	pick := func(marker byte) []*carrier {
		return slices.DeleteFunc(slices.Clone(cs), func(c *carrier) bool {
			return c.marker != marker || slices.ContainsFunc(textual, func(sig string) bool { return c.is(marker, sig) })
		})
	}
	app3, app4, app5 := pick(0xE3), pick(0xE4), pick(0xE5)
	infiRay := slices.ContainsFunc(cs, func(c *carrier) bool {
		return c.marker == 0xE2 && len(c.head) > 4 && bytes.HasPrefix(c.head[4:], []byte(infiRayVersion))
	})
	var plane, around []*carrier
	switch {
	case infiRay:
		f.add(part{items: []exifscrub.Item{{Note: "temperatures in InfiRay's segments are not recognised: they are judged like other unknown data"}}, edit: keep})
		return false, nil
	case f.isPlane(app3) && (len(app5) > 0 && len(app4) > 0 || slices.ContainsFunc(app4, parameters)):
		plane, around = app3, append(app4, app5...)
	case f.isPlane(app4) && len(app3) > 0:
		plane, around = app4, app3
		for _, c := range cs {
			if c.is(0xE2, plug) {
				around = append(around, c)
			}
		}
	default:
		return false, nil
	}
	f.technical(plane[0].name()+"/ThermalData", plane...)
	for _, c := range plane {
		c.used = true
	}
	for _, c := range around {
		c.used = true
		if err := f.measurement(c); err != nil {
			return false, err
		}
	}
	f.add(part{items: []exifscrub.Item{{Note: "the temperatures of the thermal picture stay, and the camera's make and model with them: no reader shows temperatures without"}}, edit: keep})
	return true, nil
}

// isPlane reports whether cs hold exactly one plane of 16-bit values.
func (f *file) isPlane(cs []*carrier) bool {
	if len(cs) == 0 {
		return false
	}
	var n int64
	for _, c := range cs {
		n += c.data.Len
	}
	w, h := f.width, f.height
	own := w > 0 && h > 0 && (n == 2*w*h || n == 2*(w/2)*(h/2) || n == 8*w*h)
	return own || slices.ContainsFunc(planes, func(p [2]int64) bool { return n == 2*p[0]*p[1] })
}

// parameters reports whether c begins like DJI's measurement parameters.
func parameters(c *carrier) bool {
	if len(c.head) < 8 {
		return false
	}
	kind := string(c.head[4:8])
	return kind == "girp" || kind == "hirp" || kind == "iirp" || bytes.HasPrefix(c.head, []byte("\xAA\x55\x12\x06"))
}

// measurement keeps parameters or a table, except the serial numbers in them.
func (f *file) measurement(c *carrier) error {
	path := c.name() + "/" + map[byte]string{0xE2: "Plug", 0xE3: "ThermalCalibration", 0xE4: "ThermalParams", 0xE5: "ThermalCalibration"}[c.marker]
	f.technical(path, c)
	b, err := f.payload(c.segment)
	if err != nil {
		return err
	}
	for _, at := range serials(b) {
		s := exifscrub.Span{Off: c.data.Off + int64(at[0]), Len: int64(at[1] - at[0])}
		f.blankable(privacy.Finding{Class: privacy.Identity, Path: fmt.Sprintf("%s/SerialNumber", path), Spans: []exifscrub.Span{s}, Value: text(b[at[0]:at[1]])})
	}
	return nil
}

var (
	// djiSerial is what DJI's serial numbers look like where they are a text
	// of their own: 1WADHCN001TB4J.
	djiSerial = regexp.MustCompile(`(?:^|[^ -~])([0-9A-Z]{14})(?:\x00|$)`)
	// hikSerial is the date, region and number of the sensor modules that
	// DJI buys: 20240229AACHEA1389239, or only EA1389239.
	hikSerial = regexp.MustCompile(`([0-9]{8}[A-Z]{6}[0-9]{7})|(?:^|[^ -~])([A-Z]{2}[0-9]{7})(?:\x00|$)`)
	sensorID  = regexp.MustCompile(`sensor_id:([0-9A-Z]{6,32})`)
)

// hikTable begins the calibration tables of those modules.
const hikTable = "HIDR\x00"

// serials returns where serial numbers lie in b. Calibration tables are full
// of bytes that look like text, so it takes only what can be nothing else.
func serials(b []byte) [][2]int {
	var out [][2]int
	find := func(re *regexp.Regexp) {
		for _, m := range re.FindAllSubmatchIndex(b, -1) {
			for i := 2; i < len(m); i += 2 {
				if m[i] >= 0 {
					out = append(out, [2]int{m[i], m[i+1]})
				}
			}
		}
	}
	find(sensorID)
	if bytes.HasPrefix(b, []byte(hikTable)) {
		find(hikSerial)
	}
	find(djiSerial)
	slices.SortFunc(out, func(a, b [2]int) int { return a[0] - b[0] })
	var apart [][2]int
	for _, at := range out {
		if mixed(b[at[0]:at[1]]) && (len(apart) == 0 || at[0] >= apart[len(apart)-1][1]) {
			apart = append(apart, at)
		}
	}
	return apart
}

// mixed reports whether s has letters and digits, at least two and four.
func mixed(s []byte) bool {
	var letters, digits int
	for _, c := range s {
		if c >= '0' && c <= '9' {
			digits++
		} else {
			letters++
		}
	}
	return letters >= 2 && digits >= 4
}
