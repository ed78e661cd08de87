package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"time"

	"flightveil/exifscrub/scrubtest"
)

// gpxFixtures are GPX 1.1 with all it can hold, 1.0, and what is wrong often.
func gpxFixtures() map[string][]byte {
	var rich strings.Builder
	fmt.Fprintf(&rich, `<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Invented App 7.1" xmlns="http://www.topografix.com/GPX/1/1" xmlns:tp="http://www.garmin.com/xmlschemas/TrackPointExtension/v2" xmlns:fv="https://flightveil.invalid/gpx/1">
<metadata><name>%[2]s &amp; co</name><desc><![CDATA[<b>%[3]s</b>]]></desc><author><name>%[2]s</name><email id="zeph" domain="example.invalid"/><link href="https://example.invalid/zeph"><text>me</text></link></author><copyright author="%[2]s"><year>2031</year></copyright><time>2031-07-19T04:47:53Z</time><bounds minlat="-42" minlon="-133" maxlat="-41" maxlon="-132"/><extensions><serial>%[1]s</serial></extensions></metadata>
<wpt lat="-41.4" lon="-132.5"><ele>12.5</ele><time>2031-07-19T04:40:00Z</time><name>home</name></wpt>
<wpt lon='-132.51' lat='-41.41'><name>%[4]s</name><cmt>moored</cmt></wpt>
<rte><name>plan</name><rtept lat="-41.42" lon="-132.52"><name>A</name></rtept><rtept lat="-41.43" lon="-132.53"/></rte>
<!-- <trkpt lat="1" lon="2"></trkpt> -->
<trk><name>%[3]s</name><src>%[1]s</src><trkseg>
`, scrubtest.Serial, scrubtest.Person, scrubtest.Text, scrubtest.Place)
	at := time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC)
	for i := range 4 {
		fmt.Fprintf(&rich, `<trkpt lat="%.7f" lon="%.7f"><ele>%.3f</ele><time>%s</time><geoidheight>-10.5</geoidheight><sat>14</sat><hdop>0.8</hdop><extensions><tp:TrackPointExtension><tp:speed>3.5</tp:speed><tp:course>45</tp:course></tp:TrackPointExtension><fv:alt_home_m>50</fv:alt_home_m></extensions></trkpt>
`, scrubtest.Lat+float64(i)*1e-5, scrubtest.Lon+float64(i)*2e-5, scrubtest.Alt, at.Add(time.Duration(i)*1500*time.Millisecond).Format("2006-01-02T15:04:05.000Z"))
	}
	rich.WriteString(`</trkseg><trkseg><trkpt lat="-41.5" lon="-132.6"><time>2031-07-19T06:50:00+02:00</time></trkpt><trkpt lat="0" lon="0"/><trkpt lat="91" lon="0"/><trkpt lat="nan" lon="7"/><trkpt lat="0" lon="-132.6"/></trkseg></trk>
<trk><trkseg><trkpt lat="-41.6" lon="-132.7"><time>2031-07-19T05:00:00</time></trkpt></trkseg></trk>
</gpx>
`)
	old := `<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "bbbbbbbb"><!ENTITY b "&a;&a;&a;&a;">]>
<g:gpx version="1.0" creator="x" xmlns:g="http://www.topografix.com/GPX/1/0">
<g:name>&b; &#x41;</g:name><g:author>` + scrubtest.Person + `</g:author><g:url>https://example.invalid</g:url>
<g:trk><g:trkseg><g:trkpt lat = "-41.25" lon = "-132.75"><g:ele>1e1</g:ele><g:course>90.5</g:course><g:speed>2.25</g:speed></g:trkpt></g:trkseg></g:trk></g:gpx>`
	return map[string][]byte{
		"rich.gpx":              []byte(rich.String()),
		"old.gpx":               []byte("\xEF\xBB\xBF" + old),
		"empty.gpx":             []byte(`<gpx version="1.1"/>`),
		"utf16.gpx":             utf16Text(strings.Replace(rich.String(), "UTF-8", "UTF-16", 1)),
		"utf16-big.gpx":         utf16Big(old),
		"damaged-utf16.gpx":     utf16Text(rich.String()[:rich.Len()-500])[:2*rich.Len()-1200+1],
		"damaged-cut.gpx":       []byte(rich.String()[:rich.Len()-500]),
		"damaged-brackets.gpx":  []byte(strings.Replace(rich.String(), "<trkseg>\n<trkpt", "<trkseg>\n<<trkpt <trkpt", 1)),
		"damaged-nested.gpx":    []byte(`<gpx><trk><trkseg><trkpt lat="-41" lon="-132"><trkpt lat="-42" lon="-133"></trkpt></trkpt></trkseg></trk></gpx>`),
		"damaged-no-quotes.gpx": []byte(`<gpx><trk><trkseg><trkpt lat=-41 lon="-132"></trkpt><trkpt lat="-42" lon="-133"></trkpt>`),
	}
}

// kmlFixtures are lines, tracks with and without clock, views, areas, and a KMZ.
func kmlFixtures() map[string][]byte {
	var line, whens, coords strings.Builder
	at := time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC)
	for i := range 5 {
		lat, lon := scrubtest.Lat+float64(i)*1e-5, scrubtest.Lon+float64(i)*2e-5
		fmt.Fprintf(&line, "\n\t%.7f,%.7f,%.1f", lon, lat, 12.5+float64(i))
		fmt.Fprintf(&whens, "<when>%s</when>\n", at.Add(time.Duration(i)*time.Second).Format(time.RFC3339))
		fmt.Fprintf(&coords, "<gx:coord>%.7f %.7f %.1f</gx:coord>\n", lon, lat, 12.5+float64(i))
	}
	rich := fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2" xmlns:atom="http://www.w3.org/2005/Atom">
<Document><name>%[3]s</name><atom:author><atom:name>%[2]s</atom:name></atom:author><LookAt><longitude>-132.4</longitude><latitude>-41.3</latitude><altitude>0</altitude><range>500</range></LookAt>
<Style id="s"><IconStyle><Icon><href>https://example.invalid/i.png</href></Icon></IconStyle></Style>
<Placemark><name>Home</name><ExtendedData><Data name="serial"><value><![CDATA[%[1]s]]></value></Data></ExtendedData><Point><altitudeMode>absolute</altitudeMode><coordinates>-132.45,-41.38,5.5</coordinates></Point></Placemark>
<Placemark><name>a buoy</name><description>moored</description><address>%[4]s</address><TimeStamp><when>2031-07-19T04:00:00Z</when></TimeStamp><Point><coordinates> -132.46,-41.39 </coordinates></Point></Placemark>
<Placemark><name>one</name><LineString><tessellate>1</tessellate><altitudeMode>absolute</altitudeMode><coordinates>%[5]s
</coordinates></LineString></Placemark>
<Placemark><name>two</name><gx:Track><altitudeMode>relativeToGround</altitudeMode>
%[6]s<gx:coord/>
%[7]s</gx:Track></Placemark>
<Placemark><name>three</name><gx:MultiTrack><altitudeMode>absolute</altitudeMode><gx:interpolate>1</gx:interpolate><gx:Track><when>2031-07-19T05:00:00Z</when><gx:coord>-132.5 -41.5 1</gx:coord><when>2031-07-19T05:00:01Z</when><gx:coord>-132.5 -41.51 2</gx:coord></gx:Track><gx:Track><gx:coord>-132.5 -41.52 3</gx:coord></gx:Track></gx:MultiTrack></Placemark>
<Placemark><name>fence</name><Polygon><outerBoundaryIs><LinearRing><coordinates>-132.1,-41.1 -132.2,-41.1 -132.2,-41.2 -132.1,-41.1</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
<Placemark><LineString><coordinates>0,0,0 -200,1,1 7,nan -132.9,-41.9 -132.91,-41.91,3</coordinates></LineString></Placemark>
</Document></kml>
`, scrubtest.Serial, scrubtest.Person, scrubtest.Text, scrubtest.Place, line.String(), whens.String(), coords.String())
	return map[string][]byte{
		"rich.kml":             []byte(rich),
		"packed.kmz":           kmz(rich),
		"empty.kml":            []byte(`<kml/>`),
		"utf16.kml":            utf16Big(rich),
		"packed-utf16.kmz":     kmz(string(utf16Text(rich))),
		"damaged-cut.kml":      []byte(rich[:strings.Index(rich, "<name>fence")]),
		"damaged-brackets.kml": []byte(strings.Replace(rich, "<gx:coord>", "<<gx:coord", 1)),
	}
}

func kmz(doc string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, s := range map[string]string{"doc.kml": doc} {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(s))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}
