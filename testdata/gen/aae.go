package main

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"

	"flightveil/exifscrub/scrubtest"
)

// aaeEdits is what Photos writes as adjustmentData, with canaries in it.
const aaeEdits = `{"metadata":{"masterHeight":3024,"masterWidth":4032,"orientation":1},"formatVersion":1,` +
	`"versionInfo":{"buildNumber":"16F203","serial":"` + scrubtest.Serial + `","appVersion":"1","schemaRevision":0,"platform":"iOS"},` +
	`"place":{"latitude":-41.3875125,"longitude":-132.4518375},"savedAt":1942197473.5,"note":"` + scrubtest.Text + `",` +
	`"adjustments":[{"formatVersion":1,"enabled":true,"settings":{"inputLight":0.1704,"effectName":"3DNoir","lightMap":"QFQ4SzRK\/A==","presetName":"` + scrubtest.Person + `"},"identifier":"SmartTone"}]}`

func aaeFixtures() map[string][]byte {
	slomo := bplist(plistDict{{"slowMotion", plistDict{{"rate", 0.125}, {"regions", []any{plistDict{{"timeRange", plistDict{{"start", plistDict{{"value", 6299264656}, {"timescale", 1000000000}, {"flags", 1}}}}}}}}}}})
	rich := aaeKeys(deflate([]byte(aaeEdits)), scrubtest.Day+"T"+scrubtest.When[11:]+"Z")
	binaryRich := bplist(rich)
	foreign := aaeKeys([]byte(scrubtest.Person+" made this"), scrubtest.Day+"T"+scrubtest.When[11:]+"Z")
	trailing := aaeKeys(append(deflate([]byte(`{"adjustments":[]}`)), scrubtest.Text...), scrubtest.Day+"T"+scrubtest.When[11:]+"Z")
	files := map[string][]byte{
		"rich.aae":         plistXML(rich, true),
		"binary.aae":       binaryRich,
		"slomo.aae":        plistXML(aaeKeys(slomo, ""), true),
		"slomo-binary.aae": bplist(aaeKeys(slomo, "")),
		"archive.aae":      plistXML(aaeKeys(bplist(plistDict{{"author", scrubtest.Person}, {"amount", 3}}), ""), true),
		"foreign.aae":      plistXML(foreign, true),
		"trailing.aae":     plistXML(trailing, false),
		"minimal.aae":      plistXML(plistDict{{"adjustmentBaseVersion", 0}, {"adjustmentData", deflate([]byte(`{"adjustments":[]}`))}, {"adjustmentEditorBundleID", ""}, {"adjustmentFormatIdentifier", "com.apple.photo"}, {"adjustmentFormatVersion", "1.4"}}, true),
		"unused.aae":       bplistWithRemains(rich),
		"utf16.aae":        xmpWide(strings.Replace(string(plistXML(rich, true)), "UTF-8", "UTF-16", 1), binary.LittleEndian, 2),
		"markup.aae": []byte("<?xml version=\"1.0\"?><!-- " + scrubtest.Person + " --><!DOCTYPE plist SYSTEM \"" + scrubtest.Serial + "\"><plist version=\"1.0\" owner=\"" + scrubtest.Person + "\">" +
			scrubtest.Text + "<dict>" + scrubtest.Text + "<key>adjustmentFormatIdentifier</key><string kind=\"" + scrubtest.Serial + "\">com.apple.photo<!-- " + scrubtest.Person + " --></string>" +
			"<key>adjustmentBaseVersion</key><integer>0</integer><?x " + scrubtest.Person + "?></dict></plist>" + scrubtest.Serial),
		"damaged-cut.aae":        plistXML(rich, true)[:700],
		"damaged-loop.aae":       bplistLoop(),
		"damaged-cut-binary.aae": append(bytes.Clone(binaryRich[:len(binaryRich)-60]), binaryRich[len(binaryRich)-32:]...),
	}
	return files
}

// aaeKeys is an adjustment file.
func aaeKeys(data []byte, at string) plistDict {
	d := plistDict{{"adjustmentBaseVersion", 0}, {"adjustmentData", data}, {"adjustmentEditorBundleID", "com.example.editor"},
		{"adjustmentFormatIdentifier", "com.apple.photo"}, {"adjustmentFormatVersion", "1.4"}, {"adjustmentRenderTypes", 0}}
	if at != "" {
		t, _ := time.Parse("2006-01-02T15:04:05Z", at)
		d = append(d, plistEntry{"adjustmentTimestamp", t})
	}
	return append(d, plistEntry{"deviceName", scrubtest.Person}, plistEntry{"extra", plistDict{{"place", scrubtest.Place}}})
}

type (
	plistEntry struct {
		key   string
		value any
	}
	plistDict []plistEntry
)

// plistXML writes d as an XML property list, as Apple's writers do.
func plistXML(d plistDict, doctype bool) []byte {
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
	if doctype {
		b.WriteString("<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n")
	}
	b.WriteString("<plist version=\"1.0\">\n")
	plistValue(&b, d)
	b.WriteString("</plist>\n")
	return []byte(b.String())
}

func plistValue(b *strings.Builder, v any) {
	switch v := v.(type) {
	case plistDict:
		b.WriteString("<dict>\n")
		for _, e := range v {
			fmt.Fprintf(b, "\t<key>%s</key>\n\t", e.key)
			plistValue(b, e.value)
		}
		b.WriteString("</dict>\n")
	case int:
		fmt.Fprintf(b, "<integer>%d</integer>\n", v)
	case string:
		fmt.Fprintf(b, "<string>%s</string>\n", v)
	case time.Time:
		fmt.Fprintf(b, "<date>%s</date>\n", v.Format("2006-01-02T15:04:05Z"))
	case []byte:
		b.WriteString("<data>")
		for s := base64.StdEncoding.EncodeToString(v); s != ""; s = s[min(68, len(s)):] {
			b.WriteString("\n\t" + s[:min(68, len(s))])
		}
		b.WriteString("\n\t</data>\n")
	}
}

// bplist writes d as a binary property list with one-byte references.
func bplist(d plistDict) []byte { return bplistEnd(bplistObjects(d), 0) }

func bplistObjects(v any) [][]byte {
	var objects [][]byte
	var add func(v any) byte
	add = func(v any) byte {
		at := len(objects)
		objects = append(objects, nil)
		var o []byte
		switch v := v.(type) {
		case plistDict:
			var keys, values []byte
			for _, e := range v {
				keys = append(keys, add(e.key))
			}
			for _, e := range v {
				values = append(values, add(e.value))
			}
			o = append(append(bplistHead(0xD0, len(v)), keys...), values...)
		case []any:
			o = bplistHead(0xA0, len(v))
			for _, item := range v {
				o = append(o, add(item))
			}
		case int:
			o = binary.BigEndian.AppendUint64([]byte{0x13}, uint64(v))
		case float64:
			o = binary.BigEndian.AppendUint64([]byte{0x23}, math.Float64bits(v))
		case string:
			o = append(bplistHead(0x50, len(v)), v...)
		case []byte:
			o = append(bplistHead(0x40, len(v)), v...)
		case time.Time:
			o = binary.BigEndian.AppendUint64([]byte{0x33}, math.Float64bits(v.Sub(time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)).Seconds()))
		}
		objects[at] = o
		return byte(at)
	}
	add(v)
	return objects
}

func bplistHead(kind byte, n int) []byte {
	if n < 15 {
		return []byte{kind | byte(n)}
	}
	return binary.BigEndian.AppendUint16([]byte{kind | 15, 0x11}, uint16(n))
}

// bplistEnd joins objects; a gap of stale bytes may stand before the table.
func bplistEnd(objects [][]byte, gap int) []byte {
	b := []byte("bplist00")
	var table []byte
	for _, o := range objects {
		table = binary.BigEndian.AppendUint16(table, uint16(len(b)))
		b = append(b, o...)
	}
	if gap > 0 {
		b = append(b, scrubtest.Text[:gap]...)
	}
	at := len(b)
	b = append(append(b, table...), 0, 0, 0, 0, 0, 0, 2, 1)
	b = binary.BigEndian.AppendUint64(b, uint64(len(objects)))
	b = binary.BigEndian.AppendUint64(b, 0)
	return binary.BigEndian.AppendUint64(b, uint64(at))
}

// bplistWithRemains has an object nothing refers to and bytes of none.
func bplistWithRemains(d plistDict) []byte {
	return bplistEnd(append(bplistObjects(d), append([]byte{0x5F, 0x10, byte(len(scrubtest.Person))}, scrubtest.Person...)), len(scrubtest.Text))
}

// bplistLoop is a dictionary that holds itself.
func bplistLoop() []byte {
	return bplistEnd([][]byte{{0xD1, 1, 0}, append(bplistHead(0x50, 26), "adjustmentFormatIdentifier"...)}, 0)
}

func deflate(b []byte) []byte {
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, 6)
	w.Write(b)
	w.Close()
	return out.Bytes()
}
