package scrubtest

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"flightveil/exifscrub"
)

// Mutations damages a file of the corpus in n ways, the same at every run, and
// tests each with [Check]. Where a damaged file is cleaned and not refused, no
// value known to be in the sound one may survive: damage must not hide a block.
func Mutations(t *testing.T, f exifscrub.Format, name string, n int) {
	t.Helper()
	var b []byte
	known := map[string][]byte{}
	if strings.Contains(name, "hostile") { // has no truth
		var err error
		if b, err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	} else {
		var want truth
		b, want = realFile(t, name)
		for _, n := range want.Needles {
			value, err := hex.DecodeString(n.Hex)
			if err != nil {
				t.Fatal(err)
			}
			known[n.Tag] = value
		}
	}
	job := Job(t, "public")
	for seed := range uint64(n) {
		bad := mutate(b, rand.New(rand.NewPCG(seed, 1)))
		Check(t, f, bad, true)
		plan, err := exifscrub.Scan(t.Context(), job, f, bytes.NewReader(bad))
		if err != nil {
			continue
		}
		clean, err := apply(plan, bad)
		if err != nil {
			continue
		}
		for tag, value := range known {
			if bytes.Contains(clean, value) {
				t.Errorf("damage %d hides a value of %s", seed, tag)
			}
		}
		if t.Failed() {
			t.Fatalf("damage %d", seed)
		}
	}
}

// mutate returns b with one to three things wrong: bits and bytes flipped,
// numbers made extreme, runs lost, repeated, blanked or moved, the end missing.
func mutate(b []byte, r *rand.Rand) []byte {
	b = bytes.Clone(b)
	for range 1 + r.IntN(3) {
		if len(b) < 8 {
			return b
		}
		at := r.IntN(len(b) - 4)
		if r.IntN(2) == 0 { // most structures are near the begin or the end
			at = min(at, r.IntN(min(len(b)-4, 600)))
		}
		run := min(1+r.IntN(64), len(b)-at)
		switch r.IntN(8) {
		case 0:
			b[at] ^= 1 << r.IntN(8)
		case 1:
			b[at] = byte(r.Uint32())
		case 2:
			binary.BigEndian.PutUint32(b[at:], []uint32{0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, uint32(len(b)), r.Uint32()}[r.IntN(7)])
		case 3:
			binary.LittleEndian.PutUint32(b[at:], []uint32{0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, uint32(len(b)), r.Uint32()}[r.IntN(7)])
		case 4:
			b = append(b[:at:at], b[at+run:]...)
		case 5:
			b = append(b[:at+run:at+run], b[at:]...)
		case 6:
			clear(b[at : at+run])
		case 7:
			b = b[:at]
		}
	}
	return b
}
