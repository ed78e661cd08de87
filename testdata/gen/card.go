package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"maps"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/cardtest"
)

// cardFixtures returns an invented memory card: what a pilot has after two
// afternoons, with what her phone and her computer added to it. All of it tells
// something.
func cardFixtures() map[string][]byte {
	files := map[string][]byte{
		"for " + scrubtest.Person + "/" + scrubtest.Place + ".png": cardScreenshot(),
		"for " + scrubtest.Person + "/boathouse.gif":               gifFixtures()["rich.gif"],
		"if found.txt": []byte("If you find this card, please send it to\n" + scrubtest.Person + "\n" + cardAddress + "\n" + cardMail + ", " + cardPhone + "\n"),
	}
	for name, b := range cardJunk() {
		files[name] = b
	}
	for _, f := range cardFlown() {
		for _, m := range f.files {
			files[m.path] = m.bytes
		}
	}
	return files
}

// cardJunk is what systems and cameras leave on a card.
func cardJunk() map[string][]byte {
	return map[string][]byte{
		".DS_Store":                                   []byte("\x00\x00\x00\x01Bud1" + scrubtest.Place),
		"DCIM/100MEDIA/._DJI_0001.JPG":                []byte("\x00\x05\x16\x07" + scrubtest.Person),
		"DCIM/100MEDIA/.fileinfo_list.list":           []byte("DJI_0001.JPG 20310719101230\n"),
		"DCIM/100MEDIA/Thumbs.db":                     append([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), utf16Text(scrubtest.Place)...),
		"System Volume Information/IndexerVolumeGuid": utf16Text("{4519C0DE-0000-4519-8000-" + "FVCANARY4519}"),
		"System Volume Information/WPSettings.dat":    []byte("\x0c\x00\x00\x00\x45\x19\x45\x19\x45\x19\x45\x19"),
	}
}

// A cardFile is a file of a flight.
type cardFile struct {
	path  string
	kind  string  // photo, raw, thumbnail, sidecar, video, proxy, captions, log, positioning
	s     float64 // when it began, seconds after the start of the flight
	bytes []byte
}

// A cardSet is a flight with its files.
type cardSet struct {
	*cardFlight
	photos []float64 // when a photo was taken, seconds after the start
	files  []cardFile
}

func (c *cardSet) add(path, kind string, s float64, b []byte) {
	c.files = append(c.files, cardFile{path, kind, s, b})
}

// shot adds a photo taken s seconds after the start.
func (c *cardSet) shot(by cardShot, path string, n int, s float64) {
	c.photos = append(c.photos, s)
	c.add(path, "photo", s, by.photo(n, c.at(s)))
}

// film adds a video with what lies beside it.
func (c *cardSet) film(path, thumb string, n int, from, to float64, withHome bool) {
	clip := cardClip{c.cardFlight, from, to}
	c.add(path+".MP4", "video", from, clip.video(n, 6, 4))
	c.add(path+".LRF", "proxy", from, clip.video(n, 3, 2))
	c.add(path+".SRT", "captions", from, clip.captions(withHome))
	c.add(thumb, "thumbnail", from, cardDrone.thumb(n, c.at(from)))
}

// cardFlown returns the flights and the files that belong to each.
func cardFlown() []*cardSet {
	morning, afternoon, survey := &cardSet{cardFlight: &cardFlights[0]}, &cardSet{cardFlight: &cardFlights[1]}, &cardSet{cardFlight: &cardFlights[2]}

	owned := cardDrone
	owned.owner = scrubtest.Person
	media := "DCIM/100MEDIA/DJI_"
	morning.shot(owned, media+"0001.JPG", 1, 25)
	morning.add(media+"0001.DNG", "raw", 25, cardDrone.raw(1, morning.at(25)))
	morning.add("MISC/THM/100/DJI_0001.THM", "thumbnail", 25, cardDrone.thumb(1, morning.at(25)))
	morning.shot(cardDrone, media+"0002.JPG", 2, 30)
	morning.shot(cardDrone, media+"0003.JPG", 3, 55)
	morning.film(media+"0004", "MISC/THM/100/DJI_0004.THM", 4, 64, 84, false)
	morning.shot(cardDrone, media+"0005.JPG", 5, 103)
	morning.add(media+"0005.JPG.xmp", "sidecar", 103, cardSidecar(morning.at(103)))
	morning.shot(cardDrone, media+"0006.JPG", 6, 110)
	morning.add("FlightRecord/DJIFlightRecord_"+morning.start.Add(cardZone*time.Hour).Format("2006-01-02_[15-04-05]")+".txt", "log", 0, cardTXT(morning.cardFlight, morning.photos))

	zoned := cardDrone
	zoned.zoned = true
	name := func(s float64, n int) string {
		return fmt.Sprintf("DJI_%s_%04d_D", afternoon.at(s).local().Format("20060102150405"), n)
	}
	folder := "DCIM/DJI_20310719_002/"
	afternoon.shot(zoned, folder+name(36, 7)+".JPG", 7, 36)
	for i, yaw := range []float64{0, 90, 180, -90} {
		turned, s := zoned, float64(44+3*i)
		turned.gimbal = yaw
		afternoon.shot(turned, "DCIM/PANORAMA/100_0008/"+name(s, i+1)+".JPG", 8+i, s)
	}
	afternoon.film(folder+name(62, 9), "MISC/THM/"+name(62, 9)+".THM", 12, 62, 82, true)
	afternoon.shot(zoned, folder+name(88, 10)+".JPG", 13, 88)
	afternoon.add("FlightRecord/Jul-19th-2031-04-41PM-Flight-Airdata.csv", "log", 0, cardCSV(afternoon.cardFlight, afternoon.photos))

	for i, s := range []float64{30, 38, 46, 56, 64} {
		survey.shot(cardMapper, fmt.Sprintf("DCIM/SURVEY/100_0031/100_0031_%04d.JPG", i+1), 14+i, s)
	}
	for end, b := range cardSurvey(survey.cardFlight, survey.photos) {
		survey.add("DCIM/SURVEY/100_0031/100_0031_"+end, "positioning", 0, b)
	}
	slices.SortFunc(survey.files, func(a, b cardFile) int { return strings.Compare(a.path, b.path) })
	survey.add("APM/LOGS/00000031.BIN", "log", 0, cardBIN(survey.cardFlight, survey.photos))
	return []*cardSet{morning, afternoon, survey}
}

// cardTruth is testdata/card.json: everything that was put on the card.
func cardTruth() map[string][]byte {
	card := cardtest.Card{
		Zone:    cardZone,
		Serials: []string{cardAircraft, cardCamera, cardRemote, cardBattery, cardSurveyor, cardReceiver, cardBoard},
		People:  []string{"Zephyrine", "Quillfeather", "Quillfeath", "Bartholomew", "Ternwick", cardMail, cardPhone},
		Places:  []string{scrubtest.Place, cardAddress, "Boathouse Lane", "Quillon County", cardLake},
		Texts:   []string{scrubtest.Text},
		Points:  [][2]float64{{scrubtest.Lat, scrubtest.Lon}},
		Junk:    slices.Sorted(maps.Keys(cardJunk())),
	}
	of := map[string]bool{}
	for _, set := range cardFlown() {
		f := cardtest.Flight{ID: set.id, Start: set.start, Lat: set.lat, Lon: set.lon, Ground: set.ground}
		pilotLat, pilotLon := set.moved(-3, -2)
		card.Points = append(card.Points, [2]float64{set.lat, set.lon}, [2]float64{pilotLat, pilotLon})
		for _, m := range set.files {
			of[m.path] = true
			f.Files = append(f.Files, cardtest.File{Path: m.path, Kind: m.kind, Seconds: m.s})
		}
		for i := range int(set.seconds()*2) + 1 {
			m := set.at(float64(i) / 2)
			f.Track = append(f.Track, [4]float64{m.s, m.lat, m.lon, m.up})
		}
		card.Flights = append(card.Flights, f)
	}
	for _, name := range slices.Sorted(maps.Keys(cardFixtures())) {
		switch {
		case of[name] || slices.Contains(card.Junk, name):
		case path.Ext(name) == ".txt":
			card.Unknown = append(card.Unknown, name)
		default:
			card.Others = append(card.Others, name)
		}
	}
	b, err := json.Marshal(card)
	if err != nil {
		panic(err)
	}
	// A line for each flight, file and place, so that a change shows.
	return map[string][]byte{"card.json": append(bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("},{"), []byte("},\n{")), []byte("],["), []byte("],\n[")), '\n')}
}

// cardPhoto is a picture of a lake under a sky, with segments in front of it.
func cardPhoto(seed int, segments ...[]byte) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, landscape(seed), &jpeg.Options{Quality: 80}); err != nil {
		panic(err)
	}
	return slices.Concat(b.Bytes()[:2], slices.Concat(segments...), b.Bytes()[2:])
}

func landscape(seed int) image.Image {
	const w, h = 320, 214
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			hill := 90 + 18*math.Sin(float64(x)/37+float64(seed)) + 9*math.Sin(float64(x)/11+2*float64(seed))
			c := color.RGBA{uint8(120 + y/2), uint8(170 + y/4), 235, 255}
			switch {
			case float64(y) > 150+3*math.Sin(float64(x)/9+float64(y)/3):
				c = color.RGBA{40, uint8(90 + y/4), uint8(120 + y/5), 255}
			case float64(y) > hill:
				c = color.RGBA{uint8(60 + y/4), uint8(110 + seed*5), 60, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

// cardScreenshot is a picture with the texts that programs add.
func cardScreenshot() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, landscape(9).(*image.RGBA).SubImage(image.Rect(0, 60, 160, 120))); err != nil {
		panic(err)
	}
	head, rest := b.Bytes()[:33], b.Bytes()[33:] // behind IHDR
	return slices.Concat(head, []byte(pngTexts()+pngChunk("eXIf", smallExif(binary.BigEndian))+strings.Repeat(pngChunk("tEXt", "Comment\x00", scrubtest.Serial), 2)), rest)
}
