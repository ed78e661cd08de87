package icc

import (
	"encoding/binary"
	"testing"
)

func TestSound(t *testing.T) {
	good := make([]byte, 200)
	binary.BigEndian.PutUint32(good, 198)
	copy(good[36:], "acsp")
	good[131] = 5
	if !Sound(good) {
		t.Error("a profile is not recognised")
	}
	for name, spoil := range map[string]func([]byte) []byte{
		"empty":           func(b []byte) []byte { return nil },
		"cut":             func(b []byte) []byte { return b[:197] },
		"no signature":    func(b []byte) []byte { b[36] = 0; return b },
		"too many tags":   func(b []byte) []byte { b[131] = 6; return b },
		"tags overflow":   func(b []byte) []byte { b[128] = 0xFF; return b },
		"something after": func(b []byte) []byte { return append(b, "more"...) },
	} {
		if Sound(spoil(append([]byte(nil), good...))) {
			t.Errorf("%s: taken for a profile", name)
		}
	}
}
