package djitxt

import (
	"encoding/hex"
	"testing"
)

// TestScramble checks keys that were computed elsewhere (section 4), and that
// descrambling undoes scrambling at every length.
func TestScramble(t *testing.T) {
	s := newScrambler()
	for _, c := range []struct {
		seed, kind byte
		want       string
	}{
		{0x51, 0x01, "b8fac5b3859ad08b"}, {0x01, 0x01, "f36e43885a933f36"}, {0xFF, 0x05, "4fddaf1cfa0c0cb2"},
		{0x10, 0x00, "e0dbccb4f5c50631"}, {0x00, 0x01, "44446fc915001d38"}, {0xA0, 0xFF, "6324450f4d91632b"},
	} {
		if got := hex.EncodeToString(le.AppendUint64(nil, s.key(c.seed, c.kind))); got != c.want {
			t.Errorf("seed %02x, type %02x: %s, want %s", c.seed, c.kind, got, c.want)
		}
	}
	key := le.AppendUint64(nil, s.key(0x51, 1))
	for n := range 40 {
		payload := []byte{0x51}
		for i := range n {
			payload = append(payload, byte(i*7)^key[i%8])
		}
		got := s.plain(nil, append(payload, 0), 1)
		if len(got) != n {
			t.Fatalf("%d bytes, want %d", len(got), n)
		}
		for i, c := range got {
			if c != byte(i*7) {
				t.Errorf("byte %d of %d is %d", i, n, c)
			}
		}
	}
	if got := s.plain(nil, []byte{1}, 1); len(got) != 0 {
		t.Error("data without a trailing byte")
	}
}

// TestBatterySerial: the Inspire 1 writes digits backwards.
func TestBatterySerial(t *testing.T) {
	for in, want := range map[string]string{
		"\x01\x02\x03\x04\x00\x00\x00\x00\x00\x00": "4321", "\x00\x00\x05\x00": "500", "0000000000": "", "1153516293\x00\x00": "1153516293",
		"\x00\x00\x00": "", "\x01\x0a": "", "": "", "Z\xe4\xb8": "Z",
	} {
		if got := batterySerial([]byte(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
