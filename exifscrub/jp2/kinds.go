package jp2

import "flightveil/internal/privacy"

// kind is what a box stands for.
type kind int

const (
	unknown   kind = iota
	structure      // needed to show the picture, and nothing but numbers
	parent         // holds boxes
	bundle         // holds boxes that mean something together: asoc
	special        // see parser.box
	tells          // gives something away as a whole
)

// entry is one row of the table of boxes.
type entry struct {
	kind  kind
	class privacy.Class // of one that tells
	name  string
}

const rightsName = "IntellectualProperty"

// boxes lists the types of T.800 (Annex I), T.801 (Annex M) and 15444-6. Others
// are unknown.
var boxes = map[string]entry{
	"jP  ": {kind: structure}, "jP\x1A\x1A": {kind: structure}, "ftyp": {kind: structure}, "prfl": {kind: structure}, "rreq": {kind: structure},

	// The picture and how it is shown
	"jp2h": {kind: parent}, "jpch": {kind: parent}, "jplh": {kind: parent}, "res ": {kind: parent}, "cgrp": {kind: parent}, "drep": {kind: parent},
	"ihdr": {kind: special}, "colr": {kind: special}, "jp2c": {kind: special},
	"bpcc": {kind: structure}, "pclr": {kind: structure}, "cmap": {kind: structure}, "cdef": {kind: structure}, "pxfm": {kind: structure},
	"resc": {kind: structure}, "resd": {kind: structure}, "opct": {kind: structure}, "creg": {kind: structure},
	"comp": {kind: parent}, "copt": {kind: structure}, "inst": {kind: structure}, "gtso": {kind: structure},
	"nlst": {kind: structure},

	// Data that lies elsewhere
	"ftbl": {kind: special}, "cref": {kind: special}, "mdat": {kind: special}, "dtbl": {tells, privacy.Unknown, "DataReference"},

	// Pages of JPM
	"page": {kind: parent}, "lobj": {kind: parent}, "objc": {kind: parent}, "bclr": {kind: parent}, "pcol": {kind: parent}, "sdat": {kind: special},
	"mhdr": {kind: structure}, "phdr": {kind: structure}, "lhdr": {kind: structure}, "ohdr": {kind: structure}, "scal": {kind: structure},
	"bcvl": {kind: structure}, "ppcl": {kind: structure}, "pagt": {kind: structure},
	"htxb": {tells, privacy.Description, "HiddenText"},

	// What gives away
	"asoc": {kind: bundle},
	"uinf": {kind: special},
	"lbl ": {kind: special}, "xml ": {kind: special}, "uuid": {kind: special}, "jumb": {kind: special}, "free": {kind: special}, "skip": {kind: special},
	"jp2i": {tells, privacy.Copyright, rightsName},
	"roid": {tells, privacy.Description, "ROIDescription"},
	"chck": {tells, privacy.Provenance, "DigitalSignature"},
	"mp7b": {tells, privacy.Unknown, "MPEG7Binary"},
}

// extension is what a UUID box holds.
type extension struct {
	name   string
	format string
	skip   int64 // bytes between the UUID and the block
	class  privacy.Class
}

const nilUUID = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// extensions lists the UUIDs in use: those of exiftool and digiKam (Exif), of
// IPTC and XMP, of GeoJP2, and of Adobe's plug-in.
var extensions = map[string]extension{
	"JpgTiffExif->JP2": {name: "UUID-EXIF", format: "tiff"},
	"\x05\x37\xCD\xAB\x9D\x0C\x44\x31\xA7\x2A\xFA\x56\x1F\x2A\x11\x3E": {name: "UUID-EXIF2", format: "tiff"},
	"\x33\xC7\xA4\xD2\xB8\x1D\x47\x23\xA0\xBA\xF1\xA3\xE0\x97\xAD\x38": {name: "UUID-IPTC", format: "iptc"},
	"\x09\xA1\x4E\x97\xC0\xB4\x42\xE0\xBE\xBF\x36\xDF\x6F\x0C\xE3\x6F": {name: "UUID-IPTC2", format: "iptc"},
	"\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC": {name: "UUID-XMP", format: "xmp"},
	"\xB1\x4B\xF8\xBD\x08\x3D\x4B\x43\xA5\xAE\x8C\xD7\xD5\xA6\xCE\x03": {name: "UUID-GeoJP2", format: "tiff", class: privacy.Location},
	"\x2C\x4C\x01\x00\x85\x04\x40\xB9\xA0\x3E\x56\x21\x48\xD6\xDF\xEB": {name: "UUID-Photoshop", format: "psir"},
	"\xD8\xFE\xC3\xD6\x1B\x0E\x48\x3C\x92\x97\x58\x28\x87\x7E\xC4\x81": {name: "UUID-C2PA", class: privacy.Provenance},
}
