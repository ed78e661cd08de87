package geofuzz

import (
	"encoding/binary"
	"math/rand/v2"
	"strings"
)

// Pseudonym returns what stands for an identifier within an album: the same for
// the same value of the same class, another in another album, and of the same
// alphabet and length. It is keyed: a bare hash of a serial number is found by
// trying all serial numbers.
func (k Key) Pseudonym(album, class, value string) (string, error) {
	seed, err := k.derive("id", lengthPrefixed(album), lengthPrefixed(class), value)
	if err != nil {
		return "", err
	}
	rng := rand.New(rand.NewChaCha8(seed))
	hex := isHex(value)
	var b strings.Builder
	for _, r := range value {
		first, n := rune(0), 0
		switch {
		case r >= '0' && r <= '9':
			first, n = '0', 10
		case hex && r >= 'a' && r <= 'f':
			first, n = 'a', 6
		case hex && r >= 'A' && r <= 'F':
			first, n = 'A', 6
		case r >= 'A' && r <= 'Z':
			first, n = 'A', 26
		case r >= 'a' && r <= 'z' || r >= 0x80: // other letters have no alphabet to draw from
			first, n = 'a', 26
		}
		if n == 0 { // a separator
			b.WriteRune(r)
			continue
		}
		b.WriteRune(first + rune(rng.IntN(n)))
	}
	return b.String(), nil
}

// lengthPrefixed keeps labels apart that contain each other's separators.
func lengthPrefixed(s string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(s)))) + s
}

// isHex reports whether a value is written in hexadecimal digits, some of them
// letters of one case.
func isHex(s string) bool {
	lower, upper := false, false
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9' || r == '-' || r == ':':
		case r >= 'a' && r <= 'f':
			lower = true
		case r >= 'A' && r <= 'F':
			upper = true
		default:
			return false
		}
	}
	return lower != upper
}
