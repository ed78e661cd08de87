// Package cbor reads CBOR (RFC 8949) as a list of leaves: every string, number
// and simple value with the keys that lead to it. It is all that looking into a
// manifest takes; it does not write, validate UTF-8 or resolve references, and
// it leaves the meaning of tags to the caller.
package cbor

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"flightveil/internal/input"
)

// A Kind is the type of a leaf.
type Kind byte

const (
	Int Kind = iota
	Bytes
	Text
	Float
	Simple // false, true, null, undefined and the like
)

// A Leaf is one value.
type Leaf struct {
	Path []string   // the keys of the maps around it; items of a list have no part in it
	Span input.Span // where it lies, with its head
	Kind Kind
	Text string // the value as text; empty for Bytes
	Raw  []byte // the value of Bytes
	Tag  uint64 // the innermost tag around it, 0 if there is none
}

// ErrSyntax is wrapped when the data are no CBOR.
var ErrSyntax = errors.New("no valid CBOR")

// Leaves returns the leaves of all values in b, one behind the other. Single
// zero bytes behind a value are padding. With an error come the leaves read
// before it.
func Leaves(b []byte, lim input.Limits) ([]Leaf, error) {
	d := decoder{b: b, lim: lim.Defaults()}
	for n := 0; d.pos < len(b) && (n == 0 || b[d.pos] != 0); n++ {
		if err := d.value(0, top); err != nil {
			return d.leaves, fmt.Errorf("reading CBOR at %d: %w", d.pos, err)
		}
	}
	return d.leaves, nil
}

type decoder struct {
	b      []byte
	pos    int
	lim    input.Limits
	path   []string
	leaves []Leaf
	items  int
	tag    uint64
}

// A head is the first byte of an item and the number behind it.
type head struct {
	at    int
	major byte
	info  byte
	n     uint64
}

const indefinite = 31 // RFC 8949, 3.2.1

// The major types of RFC 8949, 3.1.
const (
	majorUint = iota
	majorNegative
	majorBytes
	majorText
	majorArray
	majorMap
	majorTag
	majorSimple
)

func (d *decoder) head() (head, error) {
	if d.pos >= len(d.b) {
		return head{}, ErrSyntax
	}
	if d.items++; d.items > d.lim.Items {
		return head{}, fmt.Errorf("more than %d items: %w", d.lim.Items, input.ErrLimit)
	}
	h := head{at: d.pos, major: d.b[d.pos] >> 5, info: d.b[d.pos] & 0x1F}
	d.pos++
	switch {
	case h.info < 24:
		h.n = uint64(h.info)
	case h.info < 28:
		size := 1 << (h.info - 24)
		if size > len(d.b)-d.pos {
			return h, ErrSyntax
		}
		var wide [8]byte
		copy(wide[8-size:], d.b[d.pos:])
		h.n = binary.BigEndian.Uint64(wide[:])
		d.pos += size
	case h.info != indefinite || h.major < majorBytes || h.major == majorTag:
		return h, ErrSyntax
	}
	return h, nil
}

// Where a value stands.
type place int

const (
	top place = iota
	inside
)

// value reads one item and what is in it.
func (d *decoder) value(depth int, where place) error {
	if depth > d.lim.Depth {
		return fmt.Errorf("CBOR nested %d deep: %w", depth, input.ErrLimit)
	}
	h, err := d.head()
	if err != nil {
		return err
	}
	tag := d.tag
	d.tag = 0
	switch h.major {
	case majorTag:
		d.tag = h.n
		return d.value(depth+1, where)
	case majorArray:
		return d.array(h, depth, where)
	case majorMap:
		return d.pairs(h, depth)
	}
	leaf, err := d.leaf(h)
	if err != nil {
		return err
	}
	leaf.Path, leaf.Tag = slices.Clone(d.path), tag
	d.leaves = append(d.leaves, leaf)
	return nil
}

// array reads the items of a list. Those of a list that stands by itself are
// known by their number.
func (d *decoder) array(h head, depth int, where place) error {
	for i := uint64(0); ; i++ {
		if done, err := d.end(h, i); done || err != nil {
			return err
		}
		if where == top {
			d.path = append(d.path, "item"+strconv.FormatUint(i, 10))
		}
		if err := d.value(depth+1, inside); err != nil {
			return err
		}
		if where == top {
			d.path = d.path[:len(d.path)-1]
		}
	}
}

func (d *decoder) pairs(h head, depth int) error {
	for i := uint64(0); ; i++ {
		if done, err := d.end(h, i); done || err != nil {
			return err
		}
		key, err := d.key()
		if err != nil {
			return err
		}
		d.path = append(d.path, key)
		if err := d.value(depth+1, inside); err != nil {
			return err
		}
		d.path = d.path[:len(d.path)-1]
	}
}

// end reports whether a list or map is over after i items.
func (d *decoder) end(h head, i uint64) (bool, error) {
	if h.info != indefinite {
		return i >= h.n, nil
	}
	if d.pos >= len(d.b) {
		return false, ErrSyntax
	}
	if d.b[d.pos] == majorSimple<<5|indefinite {
		d.pos++
		return true, nil
	}
	return false, nil
}

// key reads the key of a map. Keys that are no strings or numbers are not
// supported.
func (d *decoder) key() (string, error) {
	h, err := d.head()
	if err != nil {
		return "", err
	}
	if h.major > majorText {
		return "", fmt.Errorf("key of type %d: %w", h.major, input.ErrUnsupported)
	}
	leaf, err := d.leaf(h)
	if leaf.Kind == Bytes {
		return fmt.Sprintf("%x", leaf.Raw[:min(16, len(leaf.Raw))]), err
	}
	return leaf.Text, err
}

func (d *decoder) leaf(h head) (Leaf, error) {
	leaf := Leaf{Kind: Int}
	var err error
	switch h.major {
	case majorUint:
		leaf.Text = strconv.FormatUint(h.n, 10)
	case majorNegative: // -1-n
		leaf.Text = "-" + strconv.FormatUint(h.n+1, 10)
		if h.n == math.MaxUint64 {
			leaf.Text = "-18446744073709551616"
		}
	case majorBytes:
		leaf.Kind = Bytes
		leaf.Raw, err = d.str(h)
	case majorText:
		leaf.Kind = Text
		var b []byte
		b, err = d.str(h)
		leaf.Text = string(b)
	case majorSimple:
		leaf.Kind, leaf.Text, err = simple(h)
	default:
		err = ErrSyntax
	}
	leaf.Span = input.Span{Off: int64(h.at), Len: int64(d.pos - h.at)}
	return leaf, err
}

// str returns the bytes of a string, which may come in chunks.
func (d *decoder) str(h head) ([]byte, error) {
	if h.info != indefinite {
		if h.n > uint64(len(d.b)-d.pos) {
			return nil, ErrSyntax
		}
		s := d.b[d.pos : d.pos+int(h.n)]
		d.pos += int(h.n)
		return s, nil
	}
	var out []byte
	for {
		if done, err := d.end(h, 0); done || err != nil {
			return out, err
		}
		c, err := d.head()
		if err != nil {
			return nil, err
		}
		if c.major != h.major || c.info == indefinite {
			return nil, ErrSyntax
		}
		s, err := d.str(c)
		if err != nil {
			return nil, err
		}
		out = append(out, s...)
	}
}

// simple returns floats and simple values (RFC 8949, 3.3).
func simple(h head) (Kind, string, error) {
	switch {
	case h.info == 25:
		return Float, format(half(uint16(h.n))), nil
	case h.info == 26:
		return Float, format(float64(math.Float32frombits(uint32(h.n)))), nil
	case h.info == 27:
		return Float, format(math.Float64frombits(h.n)), nil
	case h.info == indefinite:
		return Simple, "", ErrSyntax // a break where there is nothing to end
	case h.n >= 20 && h.n <= 23:
		return Simple, [...]string{"false", "true", "null", "undefined"}[h.n-20], nil
	}
	return Simple, "simple " + strconv.FormatUint(h.n, 10), nil
}

func format(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// half returns the value of a half-precision float (IEEE 754 binary16).
func half(v uint16) float64 {
	exp, mant := int(v>>10&0x1F), float64(v&0x3FF)
	var f float64
	switch exp {
	case 0:
		f = math.Ldexp(mant, -24)
	case 31:
		f = math.Inf(1)
		if mant != 0 {
			f = math.NaN()
		}
	default:
		f = math.Ldexp(mant+1024, exp-25)
	}
	if v&0x8000 != 0 {
		f = -f
	}
	return f
}
