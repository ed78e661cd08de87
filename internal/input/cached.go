package input

// headLen is how much of a file's beginning is kept in memory: nearly all
// metadata lies there, and walking it takes many small reads.
const headLen = 64 << 10

// Cached returns in with its beginning kept in memory once it was read.
func Cached(in Input) Input { return &cached{Input: in} }

type cached struct {
	Input
	head []byte
}

// ReadAt serves short reads near the beginning from memory. It is not safe for
// concurrent use, as the walk of a file is not.
func (c *cached) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off > headLen || int64(len(p)) > headLen-off {
		return c.Input.ReadAt(p, off)
	}
	if c.head == nil {
		head, err := ReadRange(c.Input, 0, min(headLen, c.Size()), headLen)
		if err != nil { // part of it may be readable
			return c.Input.ReadAt(p, off)
		}
		c.head = head
	}
	if off+int64(len(p)) > int64(len(c.head)) {
		return c.Input.ReadAt(p, off)
	}
	return copy(p, c.head[off:]), nil
}
