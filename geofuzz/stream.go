package geofuzz

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"math/rand/v2"

	"flightveil/internal/geo"
)

// A Key is the pilot's master key, 32 random bytes. All randomness comes from
// it: the same key, place and purpose give the same draw, so a second run
// gives the same bytes and nothing can be averaged away.
type Key []byte

// KeySize is the length of a Key.
const KeySize = 32

// ErrKey means that a mechanism has no key, or one of a wrong length.
var ErrKey = errors.New("no key, or not one of flightveil")

// ID is a name for the key that tells nothing of it. It is for the pilot, and
// stands in no output.
func (k Key) ID() string {
	mac := hmac.New(sha256.New, k)
	mac.Write([]byte("kid"))
	return hex.EncodeToString(mac.Sum(nil)[:4])
}

// derive returns 32 bytes for one purpose. Labels are the parts of it: "disp",
// the place, the epsilon.
func (k Key) derive(labels ...string) ([32]byte, error) {
	var out [32]byte
	if len(k) != KeySize {
		return out, ErrKey
	}
	info := "geofuzz/v1"
	for _, l := range labels {
		info += "/" + l
	}
	b, err := hkdf.Key(sha256.New, k, nil, info, len(out))
	if err != nil {
		return out, err
	}
	return [32]byte(b), nil
}

// A stream yields uniform numbers. ChaCha8 is a cryptographic generator whose
// output is specified (C2SP chacha8rand), so it is the same in all versions.
type stream struct{ src *rand.ChaCha8 }

func (k Key) stream(labels ...string) (stream, error) {
	seed, err := k.derive(labels...)
	return stream{rand.NewChaCha8(seed)}, err
}

// uniform returns a number in (0, 1] with 53 bits.
func (s stream) uniform() float64 { return float64(s.src.Uint64()>>11+1) / (1 << 53) }

// planarLaplace draws a direction in radians and a distance in metres with the
// density eps²/2π·exp(-eps·r): the distance is Gamma(2, 1/eps), the sum of two
// exponentials, so no Lambert W is needed.
func (s stream) planarLaplace(eps float64) (direction, metres float64) {
	u1, u2, u3 := s.uniform(), s.uniform(), s.uniform()
	return 2 * math.Pi * u3, -(math.Log(u1) + math.Log(u2)) / eps
}

// gridStep is the grid on which displaced places lie.
const gridStep = 10.0

// displaced draws where the place at anchor is released. The draw is made
// around the anchor's grid point and ends on a grid point, so that no digit of
// the anchor gets through.
func displaced(s stream, anchor geo.Point, eps float64) (geo.Point, bool) {
	direction, metres := s.planarLaplace(eps)
	p, ok := anchor.Snap(gridStep).Direct(direction, metres)
	return p.Snap(gridStep), ok
}

// Chance is the share of draws that fall within metres of the truth: what a
// guess of the released place itself hits.
func Chance(eps, metres float64) float64 { return 1 - (1+eps*metres)*math.Exp(-eps*metres) }

// Shift is the distance within which a share p of draws falls, C^-1(p) in
// metres.
func Shift(eps, p float64) float64 { return -(lambertW1((p-1)/math.E) + 1) / eps }

// lambertW1 is the lower branch W₋₁ of Lambert's function, for x in [-1/e, 0).
func lambertW1(x float64) float64 {
	if x < -1/math.E || x >= 0 {
		if x > -1/math.E-1e-15 && x < 0 {
			return -1
		}
		return math.NaN()
	}
	var w float64
	if x < -0.25 { // series around the branch point
		s := math.Sqrt(max(0, 2*(1+math.E*x)))
		w = -1 - s - s*s/3 - 11*s*s*s/72
	} else {
		l1 := math.Log(-x)
		l2 := math.Log(-l1)
		w = l1 - l2 + l2/l1
	}
	for range 20 { // Halley
		ew := math.Exp(w)
		f := w*ew - x
		if w == -1 || f == 0 {
			break
		}
		step := f / (ew*(w+1) - (w+2)*f/(2*w+2))
		w -= step
		if math.Abs(step) <= 1e-15*math.Abs(w) {
			break
		}
	}
	return w
}
