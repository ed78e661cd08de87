package main

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"flightveil/exifscrub/scrubtest"

	"github.com/andybalholm/brotli"
)

// jxlPicture is the codestream of a gradient of 8 x 8 pixels, as cjxl 0.7 wrote it.
var jxlPicture = unhex("ff0a414042712100128802001c01b5a21a0000152aa38c1bbc9cebf9f24387c5b48deb0c6db56d6149a2c8383649277048126bc0c605d6030000" +
	"cc9c6c86a19524926274db7d948000745eff56e2025073ec628602")

// jxlRestoring are the boxes cjxl 0.7 made of a JPEG with a comment: two parts
// of the codestream and what restores the JPEG between them.
var jxlRestoring = [3][]byte{
	unhex("00000000ff0a414024"),
	unhex("3602f0b5cc04000c004800000000d7ff420200000018ff0f22e304000010c2327ddc70c1830cfcff824838270000406230071946ad78eeb865971976" +
		"9aff057e00a0b200001b26000004ea6452bc24a72f3628845e6527c90c945a977a737558a8fd5c8a8a163b4400"),
	unhex("80000001e0db1f10007804087008700870feff0e0000180008000100000000008080258914a85ecc1580ef96d00300302405054db5628c5131360627" +
		"00b83146693421066b47c730448c75c8000088ae41030ef8374cc00500580000278018e8135c02ec264061510401d4831310819a714000297610803f" +
		"fa4a8066fa52421474a434306080cd5201dd3600149095100158bf440009db17804a0a5b80b2d25d426e96a4e4090840990503a138041470e6120140" +
		"8e4d0011142f804a302f8052402f4224d08b640000000000008514c8055ce9743d1ee39177bc78f1621407440200da44eb9d2f2eb781b1497a930a01" +
		"fead48fc1984006591ce2a4bb103ef7960f39e88a0966d07de6105f1af65e7a292707bf4704448c695de76967d105318f76852b72e670b5434"),
}

// jxlNothingMore are the same boxes of a JPEG without any metadata: a grey
// square, as cjxl wrote it.
var jxlNothingMore = [3][]byte{
	unhex("00000000ff0a414050dc08"),
	unhex("378020b40c84800800000040f83f1100000000fc0ff0030000003b"),
	unhex("80000001e05b001000b0020c640c640c64feff0e000018000800010000000000808025892428bb491d00cd4ec2057a00000a21292828908e" +
		"1883d730c660259431c618c63086c888c1aa1131c6300418009a00000000680000130000009c0062d2165e56a00b069de6c42e1c09b40728" +
		"4851a84806e8602768a0a07f0100843818dd286a350ac86b4441ca7145324091cf480305817761b069423960110952404a080a8af2269201" +
		"0a1a60c52808000000000000284900"),
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// packed returns a box of type brob that stands for one of type kind.
func packed(kind string, body ...[]byte) []byte {
	var b bytes.Buffer
	w := brotli.NewWriterLevel(&b, 5)
	w.Write(slices.Concat(body...)) // a buffer takes everything
	w.Close()
	return isoBox("brob", []byte(kind), b.Bytes())
}

// jxlFile puts boxes behind those every file begins with.
func jxlFile(boxes ...[]byte) []byte {
	return slices.Concat(isoBox("JXL ", []byte("\x0D\x0A\x87\x0A")), isoBox("ftyp", []byte("jxl \x00\x00\x00\x00jxl ")), slices.Concat(boxes...))
}

// exifItem returns an Exif block as HEIF and JPEG XL carry it: before it stands
// how many bytes lie between.
func exifItem(between string, block string) []byte {
	return slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(len(between))), []byte(between), []byte(block))
}

func jxlFixtures() map[string][]byte {
	little, big := smallExif(binary.LittleEndian), smallExif(binary.BigEndian)
	picture := isoBox("jxlc", jxlPicture)
	manifest := superbox("c2pa", "c2pa", superbox("c2ma", "urn:uuid:"+scrubtest.Serial, jsonAssertion("stds.exif", `{"exif:SerialNumber":"`+scrubtest.Serial+`"}`)))
	rich := jxlFile(
		isoBox("jxll", []byte{5}), isoBox("Exif", exifItem("", little)), isoBox("xml ", []byte(smallXMP())), manifest, picture,
		isoBox("hern", []byte("a box of "+scrubtest.Person)), isoBox("free", []byte(scrubtest.Serial)), isoBox("uuid", []byte("sixteen bytes id"), []byte(scrubtest.Place)),
		packed("hern", []byte(scrubtest.Text)), isoBox("skip", make([]byte, 9)),
	)
	restoring := jxlFile(isoBox("jxlp", jxlRestoring[0]), isoBox("jbrd", jxlRestoring[1]), isoBox("Exif", exifItem("", big)), isoBox("xml ", []byte(smallXMP())), isoBox("jxlp", jxlRestoring[2]))
	person := "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" dc:rights=\"" +
		scrubtest.Person + "\"/></rdf:RDF></x:xmpmeta>"
	return map[string][]byte{
		"plain.jxl":              jxlPicture,
		"minimal.jxl":            jxlFile(picture),
		"rich.jxl":               rich,
		"trailing.jxl":           slices.Concat(jxlFile(picture), []byte("\xFF\xFE\xFD\xFC"+scrubtest.Serial+" of "+scrubtest.Person)),
		"trailing-short.jxl":     slices.Concat(jxlFile(picture), []byte("\x00\x00\x07")),
		"zeros.jxl":              slices.Concat(jxlFile(picture), make([]byte, 21)),
		"packed.jxl":             jxlFile(packed("Exif", exifItem("Exif\x00\x00", little)), picture, packed("xml ", []byte(smallXMP())), packed("jumb", manifest[8:])),
		"packed-person.jxl":      jxlFile(picture, packed("xml ", []byte(person)), packed("Exif", []byte("not an Exif block of "+scrubtest.Person)), packed("xml ", []byte("   "))),
		"restoring.jxl":          restoring,
		"restoring-person.jxl":   jxlFile(isoBox("jxlp", jxlRestoring[0]), isoBox("jbrd", jxlRestoring[1]), packed("xml ", []byte(person)), isoBox("xml ", []byte(person)), isoBox("jxlp", jxlRestoring[2])),
		"long.jxl":               jxlFile(longBox("Exif", exifItem("Exif\x00\x00", big)), openBox("jxlc", jxlPicture)),
		"open-exif.jxl":          jxlFile(picture, openBox("Exif", exifItem("", little))),
		"odd-offset.jxl":         jxlFile(isoBox("Exif", exifItem(scrubtest.Serial, little)), isoBox("Exif", []byte("\xFF\xFF\xFF\xFF"), []byte(big)), isoBox("Exif", []byte("\x00\x00")), picture),
		"exif-garbage.jxl":       jxlFile(isoBox("Exif", exifItem("", scrubtest.Person)), isoBox("xml ", []byte("<not "+scrubtest.Person)), picture),
		"broken-packed.jxl":      jxlFile(picture, isoBox("brob", []byte("Exif"), []byte(scrubtest.Person)), isoBox("brob", []byte("xm")), slices.Concat(packed("xml ", []byte(person)))),
		"restoring-clean.jxl":    jxlFile(isoBox("jxlp", jxlNothingMore[0]), isoBox("jbrd", jxlNothingMore[1]), isoBox("jxlp", jxlNothingMore[2])),
		"broken-restoring.jxl":   jxlFile(isoBox("jxlp", jxlRestoring[0]), isoBox("jbrd", jxlRestoring[1][:40]), isoBox("jxlp", jxlRestoring[2])),
		"damaged-no-picture.jxl": jxlFile(isoBox("Exif", exifItem("", little))),
		"damaged-cut.jxl":        rich[:len(rich)-40],
		"damaged-cut-exif.jxl":   jxlFile(picture, isoBox("Exif", exifItem("", little)))[:300],
	}
}
