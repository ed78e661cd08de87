package srt_test

import (
	"math"
	"strings"
	"testing"

	"flightveil/internal/block/srt"
	"flightveil/internal/privacy"
)

// told lists the fields of a line as "name=value", text in quotes.
func told(line string) string {
	var out []string
	for _, f := range srt.Fields(nil, []byte(line)) {
		v := line[f.VFrom:f.VTo]
		if f.IsText() {
			out = append(out, "'"+v+"'")
			continue
		}
		out = append(out, f.Name+"="+v)
	}
	return strings.Join(out, " ")
}

func TestFields(t *testing.T) {
	for line, want := range map[string]string{
		"HOME(149.0251,-20.2532) 2017.8.5 14:11:51":                                        "HOME=149.0251 HOME=-20.2532 date=2017.8.5 14:11:51",
		"GPS(149.0251,-20.2533,16) BAROMETER:1.9":                                          "GPS=149.0251 GPS=-20.2533 satellites=16 barometer=1.9",
		"ISO:100 TV:60 EV: 0 IR:F2.8":                                                      "ISO=100 shutter=60 exposure bias=0 aperture=F2.8",
		"ISO:100 Shutter:60 EV: Fnum:2.2":                                                  "ISO=100 shutter=60 aperture=2.2",
		"F/2.8, SS 30.15, ISO 260, EV -1.7, GPS (n/a, n/a, n/a), D 2.2m, H 20.7m, H.S n/a": "aperture=2.8 shutter=30.15 ISO=260 exposure bias=-1.7 distance to home=2.2m height=20.7m",
		"2022.06.21 16:06:17":                                                              "date=2022.06.21 16:06:17",
		"GPS(36.6146,-6.1120,0.3M) BAROMETER:0.3M":                                         "GPS=36.6146 GPS=-6.1120 altitude=0.3M barometer=0.3M",
		"<font size=\"28\">FrameCnt: 1, DiffTime: 41ms, FrameId: 4787":                     "FrameId=4787",
		"2018-02-19 08:04:51,265,847":                                                      "date=2018-02-19 08:04:51,265,847",
		"[iso : 100] [latitude : -20.25] [longtitude : 149.02] </font>":                    "ISO=100 latitude=-20.25 longitude=149.02",
		"[rel_alt: 0.000 abs_alt: 113.900] [dzoom_ratio: 1.00],":                           "rel_alt=0.000 abs_alt=113.900 zoom=1.00",
		"[shift x: 0.00, y: 0.00] [pp_target:0.996, -0.004, -0.053]":                       "stabilisation=0.00 stabilisation=0.00 stabilisation=0.996, -0.004, -0.053",
		"GPS(W: -117.-9605, N: 33.6323, -37) ReH:0 \\NISO:100 F-NUM:2.8":                   "GPS=-117.-9605 GPS=33.6323 altitude=-37 rel_alt=0 ISO=100 aperture=2.8",
		"Mayday, mayday! ISO:Quillfeather [iso: Quillfeather] {note} {\\an8}<i>x</i>":      "'Mayday, mayday! ISO:Quillfeather' 'iso: Quillfeather' '{note} x'",
		"[latitude: 59.11":      "latitude=59.11",
		"GPS(149.0251,-20.2533": "GPS=149.0251 GPS=-20.2533",
		"":                      "",
	} {
		got := told(line)
		if strings.HasSuffix(want, "'{note} x'") { // where runs of text end does not matter
			got, want = strings.ReplaceAll(got, "'", ""), strings.ReplaceAll(want, "'", "")
		}
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", line, got, want)
		}
	}
}

// The order of the two numbers of GPS(a,b) follows the dialect and the numbers.
func TestSum(t *testing.T) {
	for text, want := range map[string][2]float64{
		"GPS(10.5,20.25,16) BAROMETER:1.9":       {20.25, 10.5},
		"GPS(10.5,20.25,0.1M) BAROMETER:0.3M":    {10.5, 20.25},
		"GPS(100.5,20.25,0.1M) BAROMETER:0.3M":   {20.25, 100.5},
		"GPS(10.5,120.25,16)":                    {10.5, 120.25},
		"GPS(39.9,16.3,69.800) HOME(39.8,16.2)":  {39.9, 16.3},
		"GPS(W: 17.5, S: 33.6, 12.30m)":          {-33.6, -17.5},
		"[longitude: 18.2]\n[latitude: 59.1]":    {59.1, 18.2},
		"[latitude: 0.0000] [longitude: 0.0000]": {math.NaN(), 0},
		"GPS(n/a,n/a,n/a)":                       {math.NaN(), 0},
		"GPS(200.5,100.5,3)":                     {math.NaN(), 0},
		"we met at noon":                         {math.NaN(), 0},
	} {
		var s srt.Sum
		s.Add([]byte(text))
		if none := math.IsNaN(want[0]); none != (s.Positions == 0) || !none && (s.First.Lat != want[0] || s.First.Lon != want[1]) {
			t.Errorf("%s: %d positions, %v", text, s.Positions, s.First)
		}
	}
	var s srt.Sum
	s.Add([]byte("we met at noon"))
	s.Add([]byte("[latitude: 1.5] [longitude: 2.5] at noon"))
	s.Add([]byte("[latitude: 1.6] [longitude: 2.6]"))
	if s.Captions != 3 || s.Positions != 2 || s.Last.Lat != 1.6 || s.Classes[privacy.Description] != 1 || s.Classes[privacy.Unknown] != 1 {
		t.Errorf("%+v", s)
	}
}
