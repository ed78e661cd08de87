package geofuzz

import (
	"errors"
	"math"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"sort"

	"flightveil/internal/geo"
)

// A lattice draws planar Laplace noise among the points of a grid, without a
// float on the way to the result: the chance of a point is the weight
// e^(-eps·step·√(i²+j²)) of its ring, held in 128-bit integers that were rounded
// once. The sum of all weights is the same wherever the noise is added, so no
// factor is lost to it; the tail that is left out weighs 36·e^-35 = 2.3e-14.
type lattice struct {
	step float64     // metres
	norm []int       // i²+j² of each ring
	cum  [][2]uint64 // the chance of a ring and all before it, of 2^128: high, low
}

const (
	tail       = 35.0 // the farthest ring, in 1/eps
	latticeLat = 80.0 // degrees; beyond, columns of neighbouring rows differ too much
	precision  = 192  // bits
)

// ErrLattice means that a place lies too near to a pole for a lattice.
var ErrLattice = errors.New("the lattice works up to 80 degrees of latitude: use near")

// newLattice prepares draws for an epsilon per metre.
func newLattice(eps float64) *lattice {
	l := &lattice{step: gridStep * max(1, math.Floor(1/(8*eps*gridStep)))}
	// Columns of rows d metres apart differ by d·tan(latitude)/radius: spend as much less.
	const radius = 6.371e6
	eps /= 1 + tail/(eps*radius)*math.Tan(latticeLat*math.Pi/180)
	reach := int(tail / (eps * l.step))
	count := make([]int64, reach*reach+1)
	for i := -reach; i <= reach; i++ {
		for j := -reach; j <= reach; j++ {
			if n := i*i + j*j; n < len(count) {
				count[n]++
			}
		}
	}
	scale := new(big.Float).SetPrec(precision).SetFloat64(eps)
	scale.Mul(scale, new(big.Float).SetFloat64(l.step))
	sum := new(big.Float).SetPrec(precision)
	var sums []*big.Float
	for n, c := range count {
		if c == 0 {
			continue
		}
		x := new(big.Float).SetPrec(precision).SetInt64(int64(n))
		x.Mul(x.Sqrt(x), scale)
		w := expMinus(x)
		sum.Add(sum, w.Mul(w, new(big.Float).SetInt64(c)))
		l.norm = append(l.norm, n)
		sums = append(sums, new(big.Float).SetPrec(precision).Set(sum))
	}
	l.cum = make([][2]uint64, len(sums))
	low := new(big.Int).SetUint64(math.MaxUint64)
	for i, s := range sums {
		v, _ := s.SetMantExp(s.Quo(s, sum), 128).Int(nil)
		if i == len(sums)-1 {
			l.cum[i] = [2]uint64{math.MaxUint64, math.MaxUint64} // 2^128 itself does not fit
			break
		}
		l.cum[i] = [2]uint64{new(big.Int).Rsh(v, 64).Uint64(), new(big.Int).And(v, low).Uint64()}
	}
	return l
}

// expMinus returns e^-x for x in [0, 40]: the series of x/2^24, squared 24 times.
func expMinus(x *big.Float) *big.Float {
	const halvings, terms = 24, 9 // (40/2^24)^10/10! < 2^-190
	y := new(big.Float).SetPrec(precision)
	y.Neg(y.SetMantExp(x, -halvings))
	sum, term := new(big.Float).SetPrec(precision).SetInt64(1), new(big.Float).SetPrec(precision)
	divisor := new(big.Float).SetPrec(precision)
	for k := int64(terms); k > 0; k-- { // 1 + y/1·(1 + y/2·(1 + …))
		term.Mul(sum, y)
		term.Quo(term, divisor.SetInt64(k))
		sum.Add(term, divisor.SetInt64(1))
	}
	for range halvings {
		term.Mul(sum, sum)
		sum, term = term, sum
	}
	return sum
}

// offset draws steps to the east and to the north.
func (l *lattice) offset(s stream) (east, north int) {
	high, low := s.src.Uint64(), s.src.Uint64()
	ring := sort.Search(len(l.cum), func(i int) bool {
		_, borrow := bits.Sub64(low, l.cum[i][1], 0)
		_, borrow = bits.Sub64(high, l.cum[i][0], borrow)
		return borrow == 1 // drawn < cum
	})
	n := l.norm[min(ring, len(l.norm)-1)]
	var members [][2]int
	r := int(math.Sqrt(float64(n))) + 1
	for i := -r; i <= r; i++ {
		j := int(math.Round(math.Sqrt(float64(max(0, n-i*i)))))
		if i*i+j*j != n {
			continue
		}
		members = append(members, [2]int{i, j})
		if j != 0 {
			members = append(members, [2]int{i, -j})
		}
	}
	m := members[rand.New(s.src).IntN(len(members))]
	return m[0], m[1]
}

// displaced draws where the place at anchor is released: so many rows and
// columns of the grid away. Every row counts its own columns, so that each grid
// point is reached from each place in one way only.
func (l *lattice) displaced(s stream, anchor geo.Point) (geo.Point, error) {
	if math.Abs(anchor.Lat) > latticeLat {
		return geo.Point{}, ErrLattice
	}
	east, north := l.offset(s)
	return anchor.Steps(l.step, east, north), nil
}
