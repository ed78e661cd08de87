package lines_test

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"flightveil/internal/block/lines"
)

// Numbers of up to nineteen digits do not go through strconv: they must come
// out as it would read them, to the last bit.
func TestNumberRounds(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	check := func(s string) {
		t.Helper()
		want, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		if got, n := lines.Number([]byte(s), '.'); got != want || n != len(s) {
			t.Fatalf("%s: %v of %d bytes, want %v", s, got, n, want)
		}
	}
	for range 200_000 {
		digits := strconv.FormatUint(rnd.Uint64()>>rnd.IntN(64), 10)
		at := rnd.IntN(len(digits) + 1)
		check(digits[:at] + "." + digits[at:])
		check("-0." + digits)
	}
	for _, s := range []string{"9007199254740993", "9007199254740992.5", "9007199254740993.5", "1.8446744073709551615", "0.9999999999999999999", "9999999999999999999", "1844674407370955161.5", "0.5000000000000000001"} {
		check(s)
	}
}

func BenchmarkNumber(b *testing.B) {
	in := [][]byte{[]byte("-7.2806385965903"), []byte("56.976631216586526"), []byte("0"), []byte("164.8"), []byte("-122.40742521714228")}
	for b.Loop() {
		for _, s := range in {
			lines.Number(s, '.')
		}
	}
}
