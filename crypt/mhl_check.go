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

	"flightveil/internal/disk"
)

// check compares a file with what a manifest says of it, by the quickest sum
// that is known here.
func (h mhlHash) check(ctx context.Context, dir *disk.Dir) error {
	var sum hash.Hash
	var want string
	text := func(b []byte) string { return hex.EncodeToString(b) }
	switch {
	case h.XXH != nil:
		sum, want = xxhash.New(), h.XXH.Text
	case h.SHA1 != nil:
		sum, want = sha1.New(), h.SHA1.Text
	case h.MD5 != nil:
		sum, want = md5.New(), h.MD5.Text
	case h.C4 != nil:
		sum, want, text = sha512.New(), h.C4.Text, c4Text
	default:
		return errors.New("its manifest has only sums of a kind that is not read here (xxh128, xxh3)")
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
