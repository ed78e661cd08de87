package xmp

import (
	"strings"

	"flightveil/internal/block/xmlscan"
)

// A Name is a property name with the prefix its namespace usually has, which
// need not be the one the file uses.
type Name struct {
	Prefix, Local string
	// Sure says that the namespace was known by its URI. Otherwise Prefix is
	// the file's own, and software that goes by URIs would not know the name.
	Sure bool
}

// Is reports whether n is prefix:local.
func (n Name) Is(prefix, local string) bool { return n.Prefix == prefix && n.Local == local }

// Resolve gives n the usual prefix of its namespace. Some firmware declares
// URIs that mean nothing (Camera="Camera/"), so an unknown URI leaves the prefix.
func Resolve(n xmlscan.Name) Name {
	if n.Space != "" {
		if prefix, ok := prefixes[plainURI(n.Space)]; ok {
			return Name{Prefix: prefix, Local: n.Local, Sure: true}
		}
	}
	if prefix, ok := strings.CutPrefix(n.Prefix, "xap"); ok { // the name of XMP before 2004
		return Name{Prefix: "xmp" + prefix, Local: n.Local}
	}
	return Name{Prefix: n.Prefix, Local: n.Local}
}

// Known reports whether uri is a namespace this package has a prefix for.
func Known(uri string) bool {
	_, ok := prefixes[plainURI(uri)]
	return ok
}

// plainURI takes off what differs between firmware versions.
func plainURI(uri string) string {
	uri = strings.TrimPrefix(strings.TrimPrefix(uri, "https://"), "http://")
	return strings.TrimRight(uri, "/#")
}

// prefixes gives the usual prefix of each namespace, by URI without scheme and
// final slash or number sign.
var prefixes = map[string]string{
	"adobe:ns:meta":                       "x",
	"www.w3.org/1999/02/22-rdf-syntax-ns": "rdf",
	"ns.exiftool.org/1.0":                 "et",
	"ns.exiftool.ca/1.0":                  "et",

	"purl.org/dc/elements/1.1":                   "dc",
	"purl.org/dc/terms":                          "dcterms",
	"ns.adobe.com/xap/1.0":                       "xmp",
	"ns.adobe.com/xap/1.0/mm":                    "xmpMM",
	"ns.adobe.com/xap/1.0/rights":                "xmpRights",
	"ns.adobe.com/xap/1.0/bj":                    "xmpBJ",
	"ns.adobe.com/xap/1.0/t/pg":                  "xmpTPg",
	"ns.adobe.com/xap/1.0/g":                     "xmpG",
	"ns.adobe.com/xap/1.0/g/img":                 "xmpGImg",
	"ns.adobe.com/xmp/1.0/DynamicMedia":          "xmpDM",
	"ns.adobe.com/xmp/note":                      "xmpNote",
	"ns.adobe.com/xmp/Identifier/qual/1.0":       "xmpidq",
	"ns.adobe.com/xap/1.0/sType/ResourceRef":     "stRef",
	"ns.adobe.com/xap/1.0/sType/ResourceEvent":   "stEvt",
	"ns.adobe.com/xap/1.0/sType/Version":         "stVer",
	"ns.adobe.com/xap/1.0/sType/ManifestItem":    "stMfs",
	"ns.adobe.com/xap/1.0/sType/Job":             "stJob",
	"ns.adobe.com/xap/1.0/sType/Dimensions":      "stDim",
	"ns.adobe.com/xap/1.0/sType/Font":            "stFnt",
	"ns.adobe.com/xmp/sType/Area":                "stArea",
	"ns.adobe.com/tiff/1.0":                      "tiff",
	"ns.adobe.com/exif/1.0":                      "exif",
	"ns.adobe.com/exif/1.0/aux":                  "aux",
	"cipa.jp/exif/1.0":                           "exifEX",
	"cipa.jp/exif/2.32":                          "exifEX",
	"ns.adobe.com/photoshop/1.0":                 "photoshop",
	"ns.adobe.com/camera-raw-settings/1.0":       "crs",
	"ns.adobe.com/camera-raw-defaults/1.0":       "crd",
	"ns.adobe.com/camera-raw-saved-settings/1.0": "crss",
	"ns.adobe.com/lightroom/1.0":                 "lr",
	"ns.adobe.com/pdf/1.3":                       "pdf",
	"ns.adobe.com/pdfx/1.3":                      "pdfx",
	"ns.adobe.com/hdr-gain-map/1.0":              "hdrgm",
	"ns.adobe.com/hdr-metadata/1.0":              "hdr_metadata",
	"ns.adobe.com/DICOM":                         "DICOM",

	"iptc.org/std/Iptc4xmpCore/1.0/xmlns":              "Iptc4xmpCore",
	"iptc.org/std/Iptc4xmpExt/2008-02-29":              "Iptc4xmpExt",
	"ns.useplus.org/ldf/xmp/1.0":                       "plus",
	"creativecommons.org/ns":                           "cc",
	"web.resource.org/cc":                              "cc",
	"rs.tdwg.org/dwc/index.htm":                        "dwc",
	"rs.tdwg.org/dwc/terms":                            "dwc",
	"www.metadataworkinggroup.com/schemas/regions":     "mwg-rs",
	"www.metadataworkinggroup.com/schemas/keywords":    "mwg-kw",
	"www.metadataworkinggroup.com/schemas/collections": "mwg-coll",
	"ns.microsoft.com/photo/1.0":                       "MicrosoftPhoto",
	"ns.microsoft.com/photo/1.2":                       "MP",
	"ns.microsoft.com/photo/1.2/t/RegionInfo":          "MPRI",
	"ns.microsoft.com/photo/1.2/t/Region":              "MPReg",
	"www.digikam.org/ns/1.0":                           "digiKam",
	"ns.acdsee.com/iptc/1.0":                           "acdsee",
	"ns.acdsee.com/regions":                            "acdsee-rs",
	"developer.sonyericsson.com/cell/1.0":              "cell",
	"ns.camerabits.com/photomechanic/1.0":              "photomechanic",
	"www.gimp.org/xmp":                                 "GIMP",
	"darktable.sf.net":                                 "darktable",

	"ns.apple.com/faceinfo/1.0":                  "apple-fi",
	"ns.apple.com/pixeldatainfo/1.0":             "apdi",
	"ns.apple.com/HDRGainMap/1.0":                "HDRGainMap",
	"ns.apple.com/adjustment-settings/1.0":       "aas",
	"ns.apple.com/depthData/1.0":                 "depthData",
	"ns.apple.com/depthBlurEffect/1.0":           "depthBlurEffect",
	"ns.apple.com/portraitEffectsMatte/1.0":      "portraitEffectsMatte",
	"ns.apple.com/semanticSegmentationMatte/1.0": "semanticSegmentationMatte",

	"ns.google.com/photos/1.0/panorama":       "GPano",
	"ns.google.com/photos/1.0/camera":         "GCamera",
	"ns.google.com/photos/1.0/depthmap":       "GDepth",
	"ns.google.com/photos/1.0/image":          "GImage",
	"ns.google.com/photos/1.0/audio":          "GAudio",
	"ns.google.com/photos/1.0/focus":          "GFocus",
	"ns.google.com/photos/1.0/creations":      "GCreations",
	"ns.google.com/photos/1.0/container":      "Container",
	"ns.google.com/photos/1.0/container/item": "Item",
	"ns.google.com/videos/1.0/spherical":      "GSpherical",

	"www.dji.com":                     "DJI",
	"www.dji.com/drone-dji/1.0":       "drone-dji",
	"www.dji.com/FLIR/1.0":            "FLIR",
	"ns.flir.com/xmp/1.0":             "FLIR",
	"www.parrot.com/drone-parrot/1.0": "drone-parrot",
	"www.skydio.com/drone-skydio/1.0": "drone-skydio",
	"pix4d.com/camera/1.0":            "Camera",
	"www.pix4d.com/camera/1.0":        "Camera",
	"ns.sensefly.com/Camera/1.0":      "Camera",
	"Camera":                          "Camera",
	"micasense.com/MicaSense/1.0":     "MicaSense",
	"micasense.com/DLS/1.0":           "DLS",
}
