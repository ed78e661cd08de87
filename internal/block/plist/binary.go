package plist

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf16"

	"flightveil/internal/input"
)

const (
	magic       = "bplist00"
	trailerSize = 32
)

// epoch is where dates count from.
var epoch = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)

// A Table is the skeleton of a binary list.
type Table struct {
	Offsets  []int // of the objects
	Sizes    []int // of the objects that can be reached, marker and length included
	RefSize  int   // bytes of a reference inside arrays and dictionaries
	OffSize  int   // bytes of an entry of the offset table
	TableOff int   // where the offset table begins
	Top      int
	children [][]int
}

type binaryReader struct {
	b     []byte
	t     *Table
	cache []*Value
	open  []bool // objects being read: one inside itself is a loop
	left  int
}

func parseBinary(b []byte, items int) (*File, error) {
	r := &binaryReader{b: b, left: items}
	if err := r.table(items); err != nil {
		return nil, fmt.Errorf("reading a binary property list: %w", err)
	}
	f := &File{Binary: r.t}
	r.cache, r.open = make([]*Value, len(r.t.Offsets)), make([]bool, len(r.t.Offsets))
	// Objects that nothing refers to are bytes that nobody needs, whatever they are.
	for todo, seen := []int{r.t.Top}, make([]bool, len(r.t.Offsets)); len(todo) > 0; {
		i := todo[len(todo)-1]
		if todo = todo[:len(todo)-1]; seen[i] {
			continue
		}
		seen[i] = true
		if err := r.measure(i); err != nil {
			return nil, fmt.Errorf("reading object %d of a binary property list: %w", i, err)
		}
		todo = append(todo, r.t.children[i]...)
	}
	var err error
	if f.Root, err = r.value(r.t.Top, 0); err != nil {
		return nil, fmt.Errorf("reading a binary property list: %w", err)
	}
	f.Extras, err = r.extras()
	return f, err
}

// table reads the trailer and the offset table.
func (r *binaryReader) table(items int) error {
	if len(r.b) < len(magic)+trailerSize {
		return errShape
	}
	end := len(r.b) - trailerSize
	trailer := r.b[end:]
	t := &Table{OffSize: int(trailer[6]), RefSize: int(trailer[7])}
	count, top, off := binary.BigEndian.Uint64(trailer[8:]), binary.BigEndian.Uint64(trailer[16:]), binary.BigEndian.Uint64(trailer[24:])
	switch {
	case t.OffSize < 1 || t.OffSize > 8 || t.RefSize < 1 || t.RefSize > 8:
		return errShape
	case count > uint64(items):
		return tooMany()
	case top >= count || off < uint64(len(magic)) || off > uint64(end) || count*uint64(t.OffSize) > uint64(end)-off:
		return errShape
	}
	t.Top, t.TableOff = int(top), int(off)
	for i := range int(count) {
		o := number(r.b[t.TableOff+i*t.OffSize:][:t.OffSize])
		if o < uint64(len(magic)) || o >= off {
			return errShape
		}
		t.Offsets = append(t.Offsets, int(o))
	}
	t.Sizes, t.children = make([]int, count), make([][]int, count)
	r.t = t
	return nil
}

// number reads a big-endian number of up to eight bytes.
func number(b []byte) (n uint64) {
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}

// head returns the type nibble of object i, the number in its marker and the
// length of marker and number.
func (r *binaryReader) head(i int) (kind byte, n, size int, err error) {
	off := r.t.Offsets[i]
	marker := r.b[off]
	kind, n, size = marker>>4, int(marker&15), 1
	if n != 15 || kind < 4 || kind == 8 { // 0, 1, 2, 3, 8: the nibble is no count
		return kind, n, size, nil
	}
	if off+1 >= r.t.TableOff || r.b[off+1]>>4 != 1 {
		return 0, 0, 0, errShape
	}
	width := 1 << (r.b[off+1] & 15)
	if width > 8 || width > r.t.TableOff-off-2 {
		return 0, 0, 0, errShape
	}
	long := number(r.b[off+2 : off+2+width])
	if long > uint64(len(r.b)) {
		return 0, 0, 0, errShape
	}
	return kind, int(long), 2 + width, nil
}

// measure finds out how long object i is, and what it refers to.
func (r *binaryReader) measure(i int) error {
	kind, n, size, err := r.head(i)
	if err != nil {
		return err
	}
	body, refs := 0, 0
	switch kind {
	case 0:
		if n != 0 && n != 8 && n != 9 { // null, false, true
			return errShape
		}
	case 1, 2: // integer, real
		if n > 4 || kind == 2 && n != 2 && n != 3 {
			return errShape
		}
		body = 1 << n
	case 3: // date
		if n != 3 {
			return errShape
		}
		body = 8
	case 4, 5: // data, ASCII
		body = n
	case 6: // UTF-16
		body = 2 * n
	case 8:
		body = n + 1
	case 10, 12: // array, set
		refs = n
	case 13:
		refs = 2 * n
	default:
		return errShape
	}
	room := r.t.TableOff - r.t.Offsets[i] - size
	if refs > room/r.t.RefSize || body > room {
		return errShape
	}
	if r.left -= refs; r.left < 0 {
		return tooMany()
	}
	r.t.Sizes[i] = size + body + refs*r.t.RefSize
	at := r.t.Offsets[i] + size
	for k := range refs {
		ref := number(r.b[at+k*r.t.RefSize:][:r.t.RefSize])
		if ref >= uint64(len(r.t.Offsets)) {
			return errShape
		}
		r.t.children[i] = append(r.t.children[i], int(ref))
	}
	return nil
}

// value reads object i and what it refers to. An object that several others
// refer to is one value.
func (r *binaryReader) value(i, depth int) (*Value, error) {
	if r.cache[i] != nil {
		return r.cache[i], nil
	}
	if depth > maxDepth {
		return nil, tooDeep()
	}
	if r.open[i] {
		return nil, errShape
	}
	r.open[i] = true
	defer func() { r.open[i] = false }()
	kind, n, size, err := r.head(i)
	if err != nil {
		return nil, err
	}
	off := r.t.Offsets[i]
	body := r.b[off+size : off+r.t.Sizes[i]]
	v := &Value{Object: i, Span: input.Span{Off: int64(off), Len: int64(r.t.Sizes[i])}, Body: input.Span{Off: int64(off + size), Len: int64(len(body))}}
	switch kind {
	case 0:
		v.Kind, v.Text = Bool, strconv.FormatBool(n == 9)
		if n == 0 {
			v.Kind, v.Text = Null, ""
		}
	case 1:
		v.Kind = Integer
		switch {
		case len(body) == 16:
			v.Text = strconv.FormatUint(number(body[8:]), 10)
		case len(body) == 8:
			v.Text = strconv.FormatInt(int64(number(body)), 10)
		default:
			v.Text = strconv.FormatUint(number(body), 10)
		}
	case 2:
		f := math.Float64frombits(number(body))
		if len(body) == 4 {
			f = float64(math.Float32frombits(uint32(number(body))))
		}
		v.Kind, v.Text = Real, strconv.FormatFloat(f, 'g', -1, 64)
	case 3:
		v.Kind = Date
		if s := math.Float64frombits(number(body)); math.Abs(s) < 9e9 {
			v.Time = epoch.Add(time.Duration(math.Floor(s)) * time.Second)
		}
		v.Text = v.Time.Format(dateForm)
	case 4:
		v.Kind, v.Bytes = Data, body
	case 5:
		v.Text = string(bytes.ToValidUTF8(body, []byte("\uFFFD")))
	case 6:
		units := make([]uint16, n)
		for k := range units {
			units[k] = binary.BigEndian.Uint16(body[2*k:])
		}
		v.Text = string(utf16.Decode(units))
	case 8:
		v.Kind, v.Text = UID, strconv.FormatUint(number(body[max(0, len(body)-8):]), 10)
	default:
		if err := r.container(v, kind, depth); err != nil {
			return nil, err
		}
	}
	r.cache[i] = v
	return v, nil
}

func (r *binaryReader) container(v *Value, kind byte, depth int) error {
	refs := r.t.children[v.Object]
	v.Kind = Array
	if kind == 13 {
		v.Kind = Dict
	}
	for k, ref := range refs {
		item, err := r.value(ref, depth+1)
		if err != nil {
			return err
		}
		if v.Kind == Dict && k < len(refs)/2 {
			if item.Kind != String {
				return errShape
			}
			v.Keys = append(v.Keys, item)
		} else {
			v.Items = append(v.Items, item)
		}
	}
	return nil
}

// Reachable returns which objects the top refers to, directly or not, if the
// references of the objects in instead are replaced.
func (t *Table) Reachable(instead map[int][]int) []bool {
	seen := make([]bool, len(t.Offsets))
	todo := []int{t.Top}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[i] {
			continue
		}
		seen[i] = true
		refs, ok := instead[i]
		if !ok {
			refs = t.children[i]
		}
		todo = append(todo, refs...)
	}
	return seen
}

// extras returns the bytes that no value needs and that are not zero: between
// objects, in objects nothing refers to, in the unused part of the trailer.
func (r *binaryReader) extras() ([]Extra, error) {
	seen := r.t.Reachable(nil)
	order := make([]int, 0, len(seen))
	for i, ok := range seen {
		if ok {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return r.t.Offsets[a] - r.t.Offsets[b] })
	var out []Extra
	add := func(off, end int) {
		if len(bytes.Trim(r.b[off:end], "\x00")) > 0 {
			out = append(out, Extra{"unused bytes", input.Span{Off: int64(off), Len: int64(end - off)}})
		}
	}
	pos := len(magic)
	for _, i := range order {
		if r.t.Offsets[i] < pos {
			return nil, fmt.Errorf("objects of a binary property list overlap: %w", errShape)
		}
		add(pos, r.t.Offsets[i])
		pos = r.t.Offsets[i] + r.t.Sizes[i]
	}
	add(pos, r.t.TableOff)
	end := len(r.b) - trailerSize
	add(r.t.TableOff+len(r.t.Offsets)*r.t.OffSize, end)
	add(end, end+6)
	return out, nil
}

// References counts how often the objects in reachable refer to each object.
func (t *Table) References(reachable []bool) []int {
	out := make([]int, len(t.Offsets))
	for i, ok := range reachable {
		if !ok {
			continue
		}
		for _, ref := range t.children[i] {
			out[ref]++
		}
	}
	return out
}
