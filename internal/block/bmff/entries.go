package bmff

import "bytes"

// Places in the sample description of pictures, behind its header (12.1.3).
const (
	CompressorAt  = 42
	CompressorLen = 32
	VisualLen     = 78 // what follows are boxes
)

// plain are compressor names that say nothing about who made the
// file, and those some decoders go by.
var plain = map[string]bool{
	"": true, "H.264": true, "HEVC": true, "AVC Coding": true, "JVT/AVC Coding": true, "HEVC Coding": true, "VPC Coding": true, "AOM Coding": true, "MPEG-4 Video": true,
	"Photo - JPEG": true, "Motion JPEG": true, "None": true, "Planar Y'CbCr 8-bit 4:2:0": true, "Sorenson H263": true, "H.263": true,
}

// codecBoxes are the boxes in sample descriptions that say how to decode and show
// samples: configurations, colour, aspect, stereo and spherical projection,
// loudspeakers, encryption.
var codecBoxes = map[string]bool{
	"avcC": true, "avcE": true, "hvcC": true, "hvcE": true, "lhvC": true, "vvcC": true, "av1C": true, "vpcC": true, "esds": true, "m4ds": true, "d263": true, "bitr": true, "damr": true,
	"dac3": true, "dec3": true, "dac4": true, "dOps": true, "dfLa": true, "alac": true, "pcmC": true, "chnl": true, "chan": true, "srat": true, "mhaC": true,
	"wave": true, "frma": true, "enda": true, "glbl": true, "svcC": true, "mvcC": true,
	"colr": true, "pasp": true, "clap": true, "btrt": true, "fiel": true, "gama": true, "mdcv": true, "clli": true, "cclv": true, "SmDm": true, "CoLL": true, "amve": true,
	"dvcC": true, "dvvC": true, "dvwC": true, "st3d": true, "sv3d": true, "SA3D": true, "SAND": true, "vexu": true, "hfov": true, "lfov": true, "ccst": true, "auxi": true,
	"sinf": true, "rinf": true, "ctab": true, "jp2h": true, "jp2x": true, "mjht": true, "mjqt": true,
}

// CodecBox reports whether a box in a sample description says how to decode
// and show samples: configuration, colour, aspect, stereo and spherical
// projection, loudspeakers, encryption.
func CodecBox(name string) bool { return codecBoxes[name] }

// Compressor returns the compressor's name in b, the fields of a description
// of pictures, which has VisualLen bytes, and whether it says nothing about who
// made the file, nor the bytes behind it.
func Compressor(b []byte) (name []byte, nothing bool) {
	raw := b[CompressorAt : CompressorAt+CompressorLen]
	name = raw[1:]
	if n := int(raw[0]); n < CompressorLen {
		name = raw[1 : 1+n]
	}
	rest := raw[1+len(name):]
	return name, plain[string(bytes.TrimRight(name, "\x00"))] && len(bytes.Trim(rest, "\x00")) == 0
}
