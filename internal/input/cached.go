package input

import "sync"

// headLen is how much of a file's beginning is kept in memory: nearly all
// metadata lies there, and walking it takes many small reads.
const headLen = 64 << 10

// A Cached is an Input whose beginning is kept in memory once it was read.
type Cached struct {
	Input
	head []byte
}

// NewCached returns in with its beginning kept in memory.
func NewCached(in Input) *Cached { return &Cached{Input: in} }

// heads are the buffers of those that are done.
var heads = sync.Pool{New: func() any { return new([headLen]byte) }}

// Free gives the memory back. The input must not be used any more.
func (c *Cached) Free() {
	if c.head != nil {
		heads.Put((*[headLen]byte)(c.head[:headLen]))
		c.head = nil
	}
}

// ReadAt serves short reads near the beginning from memory. It is not safe for
// concurrent use, as the walk of a file is not.
func (c *Cached) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off > headLen || int64(len(p)) > headLen-off {
		return c.Input.ReadAt(p, off)
	}
	if c.head == nil {
		buf := heads.Get().(*[headLen]byte)
		head := buf[:min(headLen, c.Size())]
		if err := ReadFull(c.Input, head, 0); err != nil { // part of it may be readable
			heads.Put(buf)
			return c.Input.ReadAt(p, off)
		}
		c.head = head
	}
	if off+int64(len(p)) > int64(len(c.head)) {
		return c.Input.ReadAt(p, off)
	}
	return copy(p, c.head[off:]), nil
}
