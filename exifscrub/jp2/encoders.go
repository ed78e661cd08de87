package jp2

import "strings"

// encoders lists how comments begin that encoders write by themselves. What may
// follow is a version.
var encoders = []string{
	"Kakadu-", "Created by OpenJPEG version ", "Created by Grok version ", "Creator: JasPer Version ", "OpenJPH Ver ", "Lavc",
}

// layerInfo begins a comment of Kakadu's that lists how much each quality layer
// adds: a headline, then lines of two numbers.
const layerInfo = "Kdu-Layer-Info: "

// namesEncoder reports whether a comment only says which library coded the
// picture, or with what figures. That tells about nobody, as little as the
// coding itself, and the codestream keeps its hash without an edit.
func namesEncoder(text string) bool {
	text = strings.TrimRight(text, "\x00")
	if rest, ok := strings.CutPrefix(text, layerInfo); ok {
		headline, numbers, _ := strings.Cut(rest, "\n")
		known := strings.HasPrefix(headline, "log_2{Delta-D(") && strings.HasSuffix(headline, "}, L(bytes)") && len(headline) < 64
		return known && strings.Trim(numbers, "0123456789 .,+-e\n") == ""
	}
	for _, e := range encoders {
		if version, ok := strings.CutPrefix(text, e); ok {
			return len(version) < 16 && strings.Trim(version, "0123456789.v") == ""
		}
	}
	return false
}
