package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"fmt"
	"math/big"
	"slices"
	"time"

	"flightveil/exifscrub/scrubtest"
)

// isoBox returns a box of ISO/IEC 14496-12.
func isoBox(kind string, body ...[]byte) []byte {
	b := slices.Concat(body...)
	return slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(8+len(b))), []byte(kind), b)
}

// superbox returns a JUMBF superbox.
func superbox(kind, label string, body ...[]byte) []byte {
	d := slices.Concat([]byte(kind), []byte("\x00\x11\x00\x10\x80\x00\x00\xAA\x00\x38\x9B\x71\x03"), []byte(label), []byte{0})
	return isoBox("jumb", append([][]byte{isoBox("jumd", d)}, body...)...)
}

func jsonAssertion(label, value string) []byte {
	return superbox("json", label, isoBox("json", []byte(value)))
}

func cborAssertion(label string, value any) []byte {
	return superbox("cbor", label, isoBox("cbor", cborValue(value)))
}

// cborMap is a CBOR map: keys and values in turn.
type cborMap []any

// cborTag is a tagged CBOR value.
type cborTag struct {
	tag   uint64
	value any
}

func cborHead(major byte, n uint64) []byte {
	switch {
	case n < 24:
		return []byte{major<<5 | byte(n)}
	case n < 1<<8:
		return []byte{major<<5 | 24, byte(n)}
	case n < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{major<<5 | 25}, uint16(n))
	}
	return binary.BigEndian.AppendUint32([]byte{major<<5 | 26}, uint32(n))
}

func cborValue(v any) []byte {
	switch v := v.(type) {
	case int:
		if v < 0 {
			return cborHead(1, uint64(-1-v))
		}
		return cborHead(0, uint64(v))
	case string:
		return append(cborHead(3, uint64(len(v))), v...)
	case []byte:
		return append(cborHead(2, uint64(len(v))), v...)
	case []any:
		b := cborHead(4, uint64(len(v)))
		for _, x := range v {
			b = append(b, cborValue(x)...)
		}
		return b
	case cborMap:
		b := cborHead(5, uint64(len(v)/2))
		for _, x := range v {
			b = append(b, cborValue(x)...)
		}
		return b
	case cborTag:
		return append(cborHead(6, v.tag), cborValue(v.value)...)
	case nil:
		return []byte{0xF6}
	}
	panic(fmt.Sprintf("no CBOR for %T", v))
}

// certificate returns a self-signed certificate of the canary person.
func certificate() []byte {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	when := time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC)
	c := x509.Certificate{SerialNumber: big.NewInt(4519), Subject: pkix.Name{CommonName: scrubtest.Person, Organization: []string{"Heron Watch"}},
		NotBefore: when, NotAfter: when.AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(nil, &c, &c, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return der
}

func signature() []byte {
	protected := cborMap{1, -8, 33, []byte("no certificate")}
	return superbox("c2cs", "c2pa.signature", isoBox("cbor", cborValue(cborTag{18, []any{
		cborValue(protected),
		cborMap{"x5chain", []any{certificate()}, "sigTst", cborMap{"tstTokens", []any{cborMap{"val", []byte("a token")}}}, "pad", make([]byte, 8)},
		nil, bytes.Repeat([]byte{9}, 64)}})))
}

func thumbnail(label, file string) []byte {
	return superbox("\x40\xCB\x0C\x32", label, isoBox("bfdb", []byte("\x01image/jpeg\x00"+file+"\x00")), isoBox("bidb", tinyThermalJPEG(scrubtest.Text)))
}

func jumbfFixtures() map[string][]byte {
	claim := superbox("c2cl", "c2pa.claim", isoBox("cbor", cborValue(cborMap{
		"dc:title", scrubtest.Text, "dc:format", "image/jpeg", "instanceID", "xmp:iid:" + scrubtest.Serial,
		"claim_generator", "Heronshop/1.0", "claim_generator_info", nil, "signature", "self#jumbf=c2pa.signature",
		"assertions", []any{cborMap{"url", "self#jumbf=c2pa.assertions/stds.exif", "hash", bytes.Repeat([]byte{1}, 32)}}, "alg", "sha256"})))
	exif := jsonAssertion("stds.exif", `{"@context":{"exif":"http://ns.adobe.com/exif/1.0/"},"exif:GPSLatitude":"41,23.25075S","exif:GPSLongitude":"132,27.11025W",`+
		`"exif:GPSTimeStamp":"`+scrubtest.Day+`T04:47:53Z","exif:GPSAltitude":"1234567/1000","exif:Make":"Heronscope","exif:FNumber":2.8,"list":[1,true,null,{"exif:SerialNumber":"`+scrubtest.Serial+`"}]}`)
	work := jsonAssertion("stds.schema-org.CreativeWork", `{"@context":"https://schema.org","@type":"CreativeWork","author":[{"@type":"Person","name":"`+scrubtest.Person+`"}],`+
		`"locationCreated":{"@type":"Place","geo":{"latitude":-41.3875125,"longitude":-132.4518375},"address":"`+scrubtest.Place+`"}}`)
	actions := cborAssertion("c2pa.actions", cborMap{"actions", []any{cborMap{"action", "c2pa.edited", "when", cborTag{0, scrubtest.Day + "T04:47:53Z"}, "softwareAgent", "Heronshop",
		"parameters", cborMap{"description", scrubtest.Text}}}})
	ingredient := cborAssertion("c2pa.ingredient", cborMap{"dc:title", "IMG_0007.jpg", "documentID", "xmp.did:" + scrubtest.Serial, "relationship", "parentOf"})
	assertions := superbox("c2as", "c2pa.assertions", exif, work, actions, ingredient, thumbnail("c2pa.thumbnail.claim.jpeg", scrubtest.Serial+".jpg"), isoBox("c2sh", bytes.Repeat([]byte{5}, 16)))
	rich := superbox("c2pa", "c2pa", superbox("c2ma", "urn:uuid:"+scrubtest.Serial, assertions, claim, signature()))
	wide := slices.Concat([]byte("\x00\x00\x00\x01jumb"), binary.BigEndian.AppendUint64(nil, uint64(16+len(exif))), exif)
	odd := superbox("cacb", "cai", superbox("cast", "cb.heron_1", superbox("caas", "cai.assertions",
		jsonAssertion("cai.location.broad", `{"location": "`+scrubtest.Place+`"}`), jsonAssertion("cai.rights", `{"copyright": "`+scrubtest.Person+`"}`),
		isoBox("xml ", []byte("<x>"+scrubtest.Person+"</x>")), isoBox("free", make([]byte, 4)), isoBox("free", []byte(scrubtest.Serial)))))
	return map[string][]byte{
		"rich.c2pa":          rich,
		"minimal.jumbf":      superbox("c2pa", "c2pa"),
		"old.jumbf":          slices.Concat(odd, make([]byte, 5)),
		"wide.jumbf":         superbox("c2pa", "c2pa", wide),
		"trailing.jumbf":     slices.Concat(exif, []byte(scrubtest.Person)),
		"damaged-cut.c2pa":   rich[:len(rich)*2/3],
		"damaged-json.c2pa":  jsonAssertion("stds.exif", `{"author":"`+scrubtest.Person+`", `),
		"damaged-cbor.c2pa":  superbox("cbor", "c2pa.actions", isoBox("cbor", []byte("\xA2\x66author\x76"+scrubtest.Person+"\x64when\x78\x40soon"))),
		"damaged-label.c2pa": isoBox("jumb", isoBox("jumd", []byte("c2pa\x00\x11\x00\x10\x80\x00\x00\xAA\x00\x38\x9B\x71\x03"+scrubtest.Person))),
	}
}
