package crypt

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/zeebo/xxh3"

	"flightveil/internal/disk"
)

// errSums means that nothing can be said of a file.
var errSums = errors.New("its manifest has only sums of a kind that is not known here")

// known returns the quickest sum of those in a manifest, what it must be, and how
// that is written.
func (h mhlHash) known() (sum hash.Hash, want string, text func([]byte) string) {
	for _, k := range []struct {
		in   *mhlSum
		make func() hash.Hash
	}{
		{h.XXH3, func() hash.Hash { return xxh3.New() }},
		{h.XXH128, func() hash.Hash { return wide{xxh3.New()} }},
		{h.XXH, func() hash.Hash { return xxhash.New() }},
		{h.SHA1, sha1.New},
		{h.MD5, md5.New},
	} {
		if k.in != nil && k.in.Action != "failed" {
			return k.make(), k.in.Text, hex.EncodeToString
		}
	}
	if h.C4 != nil && h.C4.Action != "failed" {
		return sha512.New(), h.C4.Text, c4Text
	}
	return nil, "", nil
}

// wide is the 128 bit sum of XXH3.
type wide struct{ *xxh3.Hasher }

func (w wide) Size() int { return 16 }

func (w wide) Sum(b []byte) []byte {
	sum := w.Sum128().Bytes()
	return append(b, sum[:]...)
}

// check compares a file with what a manifest says of it, by the quickest sum
// that is known here.
func (h mhlHash) check(ctx context.Context, dir *disk.Dir) error {
	sum, want, text := h.known()
	if sum == nil {
		return errSums
	}
	f, err := dir.OpenFile(h.Path.Name)
	if err != nil {
		return lost(err)
	}
	defer f.Close()
	disk.DropCache(f)
	n, err := copyWatched(ctx, sum, f)
	switch got := text(sum.Sum(nil)); {
	case err != nil:
		return err
	case h.Path.Size > 0 && n != h.Path.Size:
		return damage{fmt.Errorf("%d bytes instead of %d", n, h.Path.Size)}
	case !strings.EqualFold(got, strings.TrimSpace(want)) || sum.Size() == sha512.Size && got != strings.TrimSpace(want):
		return damage{errors.New("not what its manifest says")}
	}
	return nil
}
