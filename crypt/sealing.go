package crypt

import (
	"context"
	"crypto/cipher"
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"github.com/cespare/xxhash/v2"
)

// A sealing is one file on its way into the vault. Its owner works on it, and so
// may others, at the same time: they take blocks of the source in turn, seal
// them side by side, and write them in turn. So a single file of gigabytes has
// all processors, and nothing is ever written beyond a gap.
type sealing struct {
	in   io.Reader
	out  *os.File
	c    cipher.AEAD
	head []byte // header and nonce, written before the first block
	size int64  // of the source, as it was when it was opened

	reading sync.Mutex   // guards in and what follows
	read    atomic.Int64 // also looked at without
	begun   bool
	plain   *xxhash.Digest

	mu     sync.Mutex // guards what follows
	cond   sync.Cond
	next   int64 // offset in the source of the block that is written next
	active int   // blocks that are taken and not written
	err    error
	sealed summed // used by whoever has the turn
}

// blockSize is what is read, sealed and written at once: whole chunks, and small
// enough that source and result stay in a processor's own cache.
const blockSize = 4 * chunkSize

// buffers of one worker.
type buffers struct{ in, out []byte }

func newBuffers() *buffers {
	return &buffers{make([]byte, blockSize), make([]byte, 0, blockSize+blockSize/chunkSize*tagSize+4<<10)}
}

// errShrunk means that a source is not as long as it was when it was opened.
var errShrunk = errors.New("it changed its length")

// newSealing begins to seal size bytes of in to recipients.
func newSealing(in io.Reader, out *os.File, size int64, to []Recipient) (*sealing, error) {
	key := newFileKey()
	defer clear(key)
	h, err := newHeader(key, to...)
	if err != nil {
		return nil, err
	}
	nonce := randomBytes(payloadNonce)
	c, err := payloadCipher(key, nonce)
	if err != nil {
		return nil, err
	}
	s := &sealing{in: in, out: out, c: c, head: append(h.encode(), nonce...), size: size, plain: xxhash.New(), sealed: summed{w: out, sum: xxhash.New()}}
	s.cond.L = &s.mu
	return s, nil
}

// work seals blocks until all are taken. Several goroutines may.
func (s *sealing) work(ctx context.Context, b *buffers, progress func(int64)) {
	for {
		block, at, ok := s.take(ctx, b.in)
		if !ok {
			return
		}
		out := b.out[:0]
		if at == 0 {
			out = append(out, s.head...)
		}
		b.out = sealChunks(out, s.c, uint64(at/chunkSize), block, at+int64(len(block)) == s.size)
		s.put(b.out, at, int64(len(block)))
		if progress != nil {
			progress(int64(len(block)))
		}
	}
}

// take reads the next block into b.
func (s *sealing) take(ctx context.Context, b []byte) (block []byte, at int64, ok bool) {
	s.reading.Lock()
	defer s.reading.Unlock()
	if s.begun && s.read.Load() == s.size || !s.enter() {
		return nil, 0, false
	}
	at, s.begun = s.read.Load(), true
	n, err := io.ReadFull(s.in, b[:min(int64(len(b)), s.size-at)])
	switch {
	case err == io.EOF && n == 0 && s.size == 0:
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		s.fail(errShrunk)
	case err != nil:
		s.fail(err)
	case ctx.Err() != nil:
		s.fail(ctx.Err())
	}
	s.plain.Write(b[:n])
	s.read.Add(int64(n))
	return b[:n], at, true
}

// put writes a sealed block when it is its turn, unless something failed.
func (s *sealing) put(sealed []byte, at, n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.next != at && s.err == nil {
		s.cond.Wait()
	}
	if s.err == nil {
		s.mu.Unlock() // nobody else has the turn
		_, err := s.sealed.Write(sealed)
		s.mu.Lock()
		if err != nil && s.err == nil {
			s.err = writeError{err}
		}
		s.next = at + n
	}
	s.active--
	s.cond.Broadcast()
}

func (s *sealing) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return false
	}
	s.active++
	return true
}

func (s *sealing) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
	s.cond.Broadcast()
}

// left is how much of the source nobody has taken.
func (s *sealing) left() int64 { return s.size - s.read.Load() }

// wait returns when nobody works on the file any more.
func (s *sealing) wait() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.active > 0 {
		s.cond.Wait()
	}
	return s.err
}
