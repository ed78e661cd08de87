package tiff

import (
	"fmt"

	"flightveil/internal/input"
)

// Kind is what the tags of a directory mean.
type Kind int

const (
	Main    Kind = iota // IFD0 and those chained to it
	Sub                 // SubIFDs: previews, raw data, pages
	Exif                // Exif 3.0 section 4.6.5
	GPS                 // section 4.6.6
	Interop             // section 4.6.7
)

// Tags whose values are offsets of directories.
const (
	TagSubIFDs = 0x014A // TIFF Technical Note 1
	TagExifIFD = 0x8769
	TagGPSIFD  = 0x8825
	TagInterop = 0xA005
)

// A Dir is a directory and its place in the file.
type Dir struct {
	*IFD
	Kind Kind
	Name string // as readers name it: "IFD0", "ExifIFD", "GPS"; below another than IFD0: "IFD1/GPS"
	Prev *Dir   // whose Next leads here, or nil
	Refs []Ref  // entries that lead here
	// Depth counts the pointers followed from the header.
	Depth int
}

// A Ref is one value of an entry that points to a directory.
type Ref struct {
	Dir   *Dir
	Entry int // index in Dir.Entries; -1 for Dir.Next
	Index int // which value of the entry
}

// A Tree is the structure of a file.
type Tree struct {
	Header
	Reader Reader
	Dirs   []*Dir // in the order they were found; each once, however many pointers lead to it
	Loose  []Ref  // pointers that lead to no directory, or in a circle
}

// Read reads the structure of in. Directories that cannot be read, apart from
// the first, are reported as loose pointers to them.
func Read(in input.Input, lim input.Limits) (*Tree, error) {
	lim = lim.Defaults()
	h, err := ReadHeader(in)
	if err != nil {
		return nil, err
	}
	w := walker{tree: &Tree{Header: h, Reader: h.Reader(in)}, seen: map[int64]*Dir{}, left: lim.Items, depth: lim.Depth}
	if err := w.first(); err != nil {
		return nil, err
	}
	w.shorten()
	return w.tree, nil
}

type walker struct {
	tree  *Tree
	seen  map[int64]*Dir
	left  int // directories and entries that may still be read
	depth int
}

// first reads IFD0, what hangs below it, and the chain behind it.
func (w *walker) first() error {
	d, err := w.read(w.tree.First, Main, "IFD0", 1)
	if err != nil {
		return err
	}
	if err := w.below(d); err != nil {
		return err
	}
	for n := 1; d != nil; n++ {
		if d, err = w.next(d, fmt.Sprintf("IFD%d", n)); err != nil {
			return err
		}
		if d != nil {
			if err := w.below(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// next follows the chain behind d.
func (w *walker) next(d *Dir, name string) (*Dir, error) {
	if d.Next == 0 {
		return nil, nil
	}
	ref := Ref{Dir: d, Entry: -1}
	if w.seen[d.Next] != nil {
		w.tree.Loose = append(w.tree.Loose, ref)
		return nil, nil
	}
	n, err := w.read(d.Next, d.Kind, name, d.Depth)
	if err != nil {
		return nil, w.loose(ref, err)
	}
	n.Prev = d
	return n, nil
}

// below reads the directories that entries of d point to.
func (w *walker) below(d *Dir) error {
	for i, e := range d.Entries {
		kind, name := pointer(d.Kind, e.Tag)
		if kind < 0 {
			continue
		}
		if d.Name != "IFD0" && d.Name != "ExifIFD" {
			name = d.Name + "/" + name
		}
		k := 0
		for off, err := range w.tree.Reader.Integers(e) {
			if err != nil {
				return err
			}
			if err := w.follow(d, Ref{d, i, k}, w.tree.Reader.offset(uint64(max(0, off))), kind, name); err != nil {
				return err
			}
			if k++; kind != Sub {
				break
			}
		}
		if k == 0 {
			w.tree.Loose = append(w.tree.Loose, Ref{d, i, 0})
		}
	}
	return nil
}

// follow reads the directory at off, which ref points to, and its chain.
func (w *walker) follow(d *Dir, ref Ref, off int64, kind Kind, name string) error {
	if s := w.seen[off]; s != nil {
		s.Refs = append(s.Refs, ref)
		return nil
	}
	if kind == Sub && ref.Index > 0 {
		name = fmt.Sprintf("%s%d", name, ref.Index)
	}
	n, err := w.read(off, kind, name, d.Depth+1)
	if err != nil {
		return w.loose(ref, err)
	}
	n.Refs = append(n.Refs, ref)
	if err := w.below(n); err != nil || kind != Sub {
		return err // readers do not follow the chain behind other directories
	}
	for c := 1; n != nil; c++ {
		if n, err = w.next(n, fmt.Sprintf("%s-%d", name, c)); err != nil {
			return err
		}
		if n != nil {
			if err := w.below(n); err != nil {
				return err
			}
		}
	}
	return nil
}

// pointer returns the kind of directory that tag points to, or -1.
func pointer(kind Kind, tag uint16) (Kind, string) {
	switch {
	case kind == GPS || kind == Interop:
	case tag == TagSubIFDs:
		return Sub, "SubIFD"
	case tag == TagExifIFD:
		return Exif, "ExifIFD"
	case tag == TagGPSIFD:
		return GPS, "GPS"
	case tag == TagInterop:
		return Interop, "InteropIFD"
	}
	return -1, ""
}

// read reads the directory at off, which was not seen before.
func (w *walker) read(off int64, kind Kind, name string, depth int) (*Dir, error) {
	if depth > w.depth {
		return nil, fmt.Errorf("IFDs nested %d deep: %w", depth, input.ErrLimit)
	}
	if off < w.tree.Len {
		return nil, fmt.Errorf("an IFD in the header, at %d: %w", off, errOutside)
	}
	ifd, err := w.tree.Reader.IFD(off, w.left-1)
	if err != nil {
		return nil, err
	}
	if kind == Sub && !ifd.plausible() { // the Sony DSLR-A100 has raw data where others have a directory
		return nil, fmt.Errorf("no IFD at %d: %w", off, errOutside)
	}
	w.left -= 1 + len(ifd.Entries)
	d := &Dir{IFD: ifd, Kind: kind, Name: name, Depth: depth}
	w.seen[off] = d
	w.tree.Dirs = append(w.tree.Dirs, d)
	return d, nil
}

// loose notes that ref leads nowhere, unless err is one that must end the walk.
func (w *walker) loose(ref Ref, err error) error {
	if !isOutside(err) {
		return err
	}
	w.tree.Loose = append(w.tree.Loose, ref)
	return nil
}

// plausible reports whether d looks like a directory of an image.
func (d *IFD) plausible() bool {
	good := 0
	for _, e := range d.Entries {
		if e.Type.Size() > 0 && e.Count > 0 {
			good++
		}
	}
	return good > 0 && good*4 >= len(d.Entries)*3
}

// shorten takes the pointer to the next IFD off directories that some cameras
// write without one: a value or a directory lies where it would be.
func (w *walker) shorten() {
	taken := map[int64]bool{}
	for _, d := range w.tree.Dirs {
		taken[d.Off] = true
		for _, e := range d.Entries {
			if e.Valid && !e.Inline {
				taken[e.Value.Off] = true
			}
		}
	}
	for _, d := range w.tree.Dirs {
		if d.NextAt == 0 || d.Kind == Main || d.Kind == Sub && d.Next != 0 {
			continue
		}
		for i := int64(0); i < w.tree.Reader.PointerSize(); i++ {
			if taken[d.NextAt+i] {
				d.Len -= w.tree.Reader.PointerSize()
				d.NextAt, d.Next = 0, 0
				break
			}
		}
	}
}
