package crypt

import (
	"bufio"
	"errors"
	"io"
	"os"
	"slices"
)

// ErrDowngrade means that a file sealed against quantum computers would be
// sealed to somebody without that protection.
var ErrDowngrade = errors.New("the new recipients are not post-quantum, the file is: it would lose that protection")

// Rewrap copies an age file from src to dst with a new header: the same payload
// bytes, another set of readers. It costs a copy; nothing is decrypted but the
// file key. Who could open the old file still can, if he kept it.
func Rewrap(dst io.Writer, src io.Reader, downgrade bool, ids []Identity, to ...Recipient) error {
	f, isFile := src.(*os.File)
	var start int64
	if isFile {
		var err error
		if start, err = f.Seek(0, io.SeekCurrent); err != nil {
			isFile = false // a pipe
		}
	}
	r := bufio.NewReaderSize(src, 64<<10)
	b, old, err := newReaders(r, downgrade, ids, to)
	if err != nil {
		return err
	}
	if _, err := dst.Write(b); err != nil {
		return err
	}
	if isFile { // the system copies files without us, some share the blocks
		if _, err := f.Seek(start+int64(old), io.SeekStart); err != nil {
			return err
		}
		_, err = io.Copy(dst, f)
		return err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{dst}, struct{ io.Reader }{r}, make([]byte, 1<<20))
	return err
}

// RewrapHeader returns the new header alone, to be put before a payload that
// the reader has already: the bytes of the file behind its own header.
func RewrapHeader(src io.Reader, downgrade bool, ids []Identity, to ...Recipient) ([]byte, error) {
	b, _, err := newReaders(bufio.NewReader(src), downgrade, ids, to)
	return b, err
}

// newReaders reads a header and returns the one that replaces it, and how long
// the old one is.
func newReaders(r *bufio.Reader, downgrade bool, ids []Identity, to []Recipient) ([]byte, int, error) {
	old, n, err := readHeader(r)
	if err != nil {
		return nil, 0, damage{err}
	}
	key, err := old.fileKey(ids...)
	if err != nil {
		return nil, 0, err
	}
	defer clear(key)
	h, err := newHeader(key, to...)
	if err != nil {
		return nil, 0, err
	}
	if old.quantumSafe() && !h.quantumSafe() && !downgrade {
		return nil, 0, ErrDowngrade
	}
	return h.encode(), n, nil
}

// quantumSafe: all stanzas are hybrid ones, or a passphrase.
func (h *header) quantumSafe() bool {
	for _, s := range h.stanzas {
		if s.Type != "mlkem768x25519" && s.Type != "scrypt" && s.Type != "mlkem768p256tag" {
			return false
		}
	}
	return true
}

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}
