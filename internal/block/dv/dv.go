// Package dv knows video in DV by the names that containers give it.
//
// A frame of DV (IEC 61834, SMPTE 314M and 370M) holds sound and the time of
// recording beside the picture. This package looks into none.
package dv

import "strings"

// Is reports whether code, a FourCC, is that of video in DV.
func Is(code string) bool {
	switch strings.ToLower(strings.TrimRight(code, " ")) {
	case "dvsd", "dvhd", "dvsl", "dv25", "dv50", "cdvc", // AVI
		"dvc", "dvcp", "dvpp", "dv5n", "dv5p", "avdv", // QuickTime
		"dvh1", "dvhp", "dvhq", "dvh2", "dvh3", "dvh4", "dvh5", "dvh6", "dv1n", "dv1p":
		return true
	}
	return false
}

// Note is what a person should know about a file of DV.
const Note = "in the coded pictures, which stay as they are: the time of recording that DV writes into every frame"

// Inseparable is why the sound of a file cannot be taken out.
const Inseparable = "the sound lies inside its DV pictures, where only coding them anew can take it out: convert the video without sound first, or keep the sound"
