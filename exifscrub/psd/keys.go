package psd

import "flightveil/internal/privacy"

// key is what a block stands for. A block without a class is structure as long
// as it is at most so long.
type key struct {
	class privacy.Class
	most  int64
}

// keys lists the blocks of additional layer information. Everything else is
// unknown and cut.
var keys = map[string]key{
	// How a layer is put together: numbers and flags
	"lsct": {"", 16}, "lsdk": {"", 16}, // group of layers
	"lyid": {"", 4},
	"lclr": {"", 8},
	"lnsr": {"", 4}, // where the name comes from
	"lspf": {"", 4},
	"lyvr": {"", 4},
	"fxrp": {"", 16},
	"clbl": {"", 4}, "infx": {"", 4}, "knko": {"", 4}, "lmgm": {"", 4}, "vmgm": {"", 4}, "tsly": {"", 4},
	"brst": {"", 4 * 8},
	"iOpa": {"", 4},
	"sn2P": {"", 4},
	"nvrt": {"", 4},
	"Mtrn": {"", 4}, "Mt16": {"", 4}, "Mt32": {"", 4}, // the merged picture has transparency

	// How a layer is drawn
	"brit": {privacy.Technical, 0}, "levl": {privacy.Technical, 0}, "curv": {privacy.Technical, 0}, "expA": {privacy.Technical, 0},
	"vibA": {privacy.Technical, 0}, "hue ": {privacy.Technical, 0}, "hue2": {privacy.Technical, 0}, "blnc": {privacy.Technical, 0},
	"blwh": {privacy.Technical, 0}, "phfl": {privacy.Technical, 0}, "mixr": {privacy.Technical, 0}, "clrL": {privacy.Technical, 0},
	"post": {privacy.Technical, 0}, "thrs": {privacy.Technical, 0}, "grdm": {privacy.Technical, 0}, "selc": {privacy.Technical, 0},
	"CgEd": {privacy.Technical, 0},
	"SoCo": {privacy.Technical, 0}, "GdFl": {privacy.Technical, 0}, "PtFl": {privacy.Technical, 0},
	"lrFX": {privacy.Technical, 0}, "lfx2": {privacy.Technical, 0}, "lmfx": {privacy.Technical, 0}, "lfxs": {privacy.Technical, 0},
	"vmsk": {privacy.Technical, 0}, "vsms": {privacy.Technical, 0}, "vogk": {privacy.Technical, 0}, "vscg": {privacy.Technical, 0}, "vstk": {privacy.Technical, 0},
	"Patt": {privacy.Technical, 0}, "Pat2": {privacy.Technical, 0}, "Pat3": {privacy.Technical, 0},
	"LMsk": {privacy.Technical, 0}, "FMsk": {privacy.Technical, 0}, "Alph": {privacy.Technical, 0},
	"artb": {privacy.Technical, 0}, "artd": {privacy.Technical, 0}, "abdd": {privacy.Technical, 0},

	// Layers of 16 and 32 bits
	"Layr": {privacy.Technical, 0}, "Lr16": {privacy.Technical, 0}, "Lr32": {privacy.Technical, 0},

	// What gives away
	"luni": {privacy.Description, 0},
	"tySh": {privacy.Description, 0}, "TySh": {privacy.Description, 0}, // text and its fonts; the pixels stay
	"Txt2": {privacy.Description, 0},
	"shmd": {privacy.Time, 0},
	"Anno": {privacy.Identity, 0}, // notes: author, date, text, sound
	"cinf": {privacy.Device, 0},   // version of the program, graphics card
	"CAI ": {privacy.Provenance, 0},
	"GenI": {privacy.Provenance, 0},

	// Smart objects: file names, ids and whole files. A layer without them
	// stays as pixels, so they go together.
	"plLd": {privacy.Unknown, 0}, "PlLd": {privacy.Unknown, 0}, "SoLd": {privacy.Unknown, 0}, "SoLE": {privacy.Unknown, 0},
	"lnkD": {privacy.Unknown, 0}, "lnk2": {privacy.Unknown, 0}, "lnk3": {privacy.Unknown, 0}, "lnkE": {privacy.Unknown, 0},
	"FXid": {privacy.Unknown, 0}, "FEid": {privacy.Unknown, 0},
}

// wideKeys lists the blocks whose length has eight bytes in PSB.
var wideKeys = map[string]bool{
	"LMsk": true, "Lr16": true, "Lr32": true, "Layr": true, "Mt16": true, "Mt32": true, "Mtrn": true, "Alph": true, "FMsk": true,
	"lnk2": true, "lnkE": true, "FEid": true, "FXid": true, "PxSD": true, "pths": true, "extn": true, "extd": true, "cinf": true, "artd": true,
}
