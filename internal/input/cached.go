package input

import (
	"io"
	"sync"
)

// headLen is how much of a file's beginning is kept in memory: nearly all
// metadata lies there, and walking it takes many small reads.
const headLen = 64 << 10

// A Cached is an Input whose beginning is kept in memory once it was read.
type Cached struct {
	Input
	ahead int64 // how much is kept
	head  []byte
}

// NewCached returns in with its beginning kept in memory.
func NewCached(in Input) *Cached { return NewCachedTo(in, headLen) }

// NewCachedTo is [NewCached] for a file of which no more than the first n
// bytes are likely to be read.
func NewCachedTo(in Input, n int64) *Cached {
	return &Cached{Input: in, ahead: min(n, headLen, in.Size())}
}

// heads are the buffers of those that are done.
var heads = sync.Pool{New: func() any { return new([headLen]byte) }}

// Outer returns what c caches, as [io.SectionReader.Outer] does.
func (c *Cached) Outer() (r io.ReaderAt, off, n int64) { return c.Input, 0, c.Size() }

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
	if off < 0 || off > c.ahead || int64(len(p)) > c.ahead-off || !c.load() {
		return c.Input.ReadAt(p, off)
	}
	return copy(p, c.head[off:]), nil
}

// InMemory returns what is kept of the bytes from off.
func (c *Cached) InMemory(off int64) []byte {
	if off < 0 || off >= c.ahead || !c.load() {
		return nil
	}
	return c.head[off:]
}

// load reads the beginning, unless it was read before.
func (c *Cached) load() bool {
	if c.head != nil {
		return true
	}
	buf := heads.Get().(*[headLen]byte)
	head := buf[:c.ahead]
	if err := ReadFull(c.Input, head, 0); err != nil { // part of it may be readable
		heads.Put(buf)
		c.ahead = 0
		return false
	}
	c.head = head
	return true
}
