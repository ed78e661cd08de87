package crypt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"flightveil/crypt"
	"flightveil/internal/disk"
)

// set returns vaults called a, b, c … beside each other, on disks with so much free.
func (b *bench) set(max int64, names string, free ...int64) crypt.Set {
	s := crypt.Set{MaxSize: max}
	for i, name := range names {
		dir := filepath.Join(filepath.Dir(b.vault), string(name))
		s.Places = append(s.Places, crypt.Place{
			Name: string(name),
			Open: func() (*disk.Dir, error) { return disk.Open(dir, true) },
			Space: func() (disk.Space, error) {
				space := disk.Space{Free: 1 << 40, Block: 4096, Device: uint64(i + 1)}
				if len(free) == 1 { // one disk for all
					space.Free, space.Device = free[0], 1
				} else if len(free) > 1 {
					space.Free = free[i]
				}
				return space, nil
			},
		})
	}
	return s
}

func (b *bench) wantSet(names string) {
	b.t.Helper()
	out := b.t.TempDir()
	for _, name := range names {
		v, err := crypt.Open(b.dir(filepath.Join(filepath.Dir(b.vault), string(name))), b.id)
		if err != nil {
			b.t.Fatal(err)
		}
		if _, err := v.Decrypt(context.Background(), b.dir(out), v.Files(), crypt.DecryptOptions{}); err != nil {
			b.t.Fatal(err)
		}
	}
	sameTree(b.t, b.card, out)
}

// TestSet: one vault is filled, then the next; each file is in one of them.
func TestSet(t *testing.T) {
	b := newBench(t)
	for i := range 10 {
		b.put(fmt.Sprintf("DCIM/%d", i), bytes.Repeat([]byte{byte(i)}, 200_000))
	}
	b.put("DCIM/empty", nil)
	ctx := context.Background()
	const max = 800_000
	shares, err := crypt.EncryptSet(ctx, b.set(max, "abcd"), b.sources(), b.options())
	if err != nil || len(shares) != 4 {
		t.Fatalf("%+v, %v", shares, err)
	}
	sealed := 0
	for _, s := range shares {
		size := int64(0)
		for _, content := range tree(t, filepath.Join(filepath.Dir(b.vault), s.Place)) {
			size += int64(len(content))
		}
		if sealed += s.Sealed; size > max || s.Sealed < 2 {
			t.Errorf("%s: %d files, %d bytes", s.Place, s.Sealed, size)
		}
	}
	if sealed != 11 {
		t.Errorf("%d files are sealed", sealed)
	}
	b.wantSet("abcd")
	// Again: nothing to do, though there is room for a small file in the first.
	b.put("DCIM/zz", []byte("new"))
	shares, err = crypt.EncryptSet(ctx, b.set(max, "abcd"), b.sources(), b.options())
	n := 0
	for _, s := range shares {
		n += s.Sealed
	}
	if err != nil || n != 1 {
		t.Errorf("again: %+v, %v", shares, err)
	}
	b.wantSet("abcd")
}

// TestSetRefused: what cannot be held is told before anything is written, and a
// vault that is finished stays finished.
func TestSetRefused(t *testing.T) {
	b := newBench(t)
	for i := range 6 {
		b.put(fmt.Sprintf("DCIM/%d", i), make([]byte, 200_000+i))
	}
	ctx := context.Background()
	var left *crypt.LeftError
	if _, err := crypt.EncryptSet(ctx, b.set(500_000, "ab"), b.sources(), b.options()); !errors.As(err, &left) || left.Files != 2 || left.Bytes < 400_000 {
		t.Errorf("too few places: %v", err)
	}
	var short *crypt.ShortError
	if _, err := crypt.EncryptSet(ctx, b.set(200_000, "abcdefgh"), b.sources(), b.options()); !errors.As(err, &short) || len(short.TooLarge) != 6 {
		t.Errorf("too large: %v", err)
	}
	if _, err := crypt.EncryptSet(ctx, b.set(500_000, "abc", 1<<30, 300_000, 1<<30), b.sources(), b.options()); !errors.As(err, &short) || short.Disk != "b" || short.Need < 400_000 {
		t.Errorf("a full disk: %v", err)
	}
	if _, err := crypt.EncryptSet(ctx, b.set(500_000, "abc", 1_000_000), b.sources(), b.options()); !errors.As(err, &short) || short.Disk != "c" {
		t.Errorf("three on a disk that holds two: %v", err)
	}
	for name := range tree(t, filepath.Dir(b.vault)) {
		if filepath.Dir(filepath.Dir(name)) != "card" {
			t.Errorf("%s was written", name)
		}
	}
	if _, err := crypt.EncryptSet(ctx, b.set(500_000, "abc"), b.sources(), b.options()); err != nil {
		t.Fatal(err)
	}
	before := tree(t, filepath.Dir(b.vault))
	b.put("DCIM/large", make([]byte, 600_000))
	if _, err := crypt.EncryptSet(ctx, b.set(500_000, "abcd"), b.sources(), b.options()); !errors.As(err, &short) {
		t.Errorf("too large, later: %v", err)
	}
	os.Remove(filepath.Join(b.card, "DCIM/large"))
	after := tree(t, filepath.Dir(b.vault))
	if len(after) != len(before) {
		t.Errorf("%d files became %d", len(before), len(after))
	}
	b.wantSet("abc")
}

// TestSetResumed: a set whose run ended half-way is finished by the same command.
func TestSetResumed(t *testing.T) {
	b := newBench(t)
	for i := range 9 {
		b.put(fmt.Sprintf("DCIM/%d", i), make([]byte, 200_000+i))
	}
	ctx, stop := context.WithCancel(context.Background())
	o := b.options()
	o.Jobs = 1
	n := 0
	o.Progress = func(int64) {
		if n++; n == 5 { // in the second vault
			stop()
		}
	}
	if _, err := crypt.EncryptSet(ctx, b.set(700_000, "abc"), b.sources(), o); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	o.Progress = nil
	shares, err := crypt.EncryptSet(context.Background(), b.set(700_000, "abc"), b.sources(), o)
	if err != nil || len(shares) != 3 || !slices.ContainsFunc(shares, func(s crypt.Share) bool { return s.Resumed }) {
		t.Fatalf("%+v, %v", shares, err)
	}
	b.wantSet("abc")
	if left := tree(t, b.local); len(left) > 0 {
		t.Errorf("%d keys are left", len(left))
	}
}

// TestNoRoom: what a disk cannot hold is told before anything is written there.
func TestNoRoom(t *testing.T) {
	fat := disk.Space{Free: 1 << 50, Block: 32 << 10, System: "FAT", MaxFile: 1<<32 - 1, Slots: 65535}
	exfat := disk.Space{Free: 1 << 50, Block: 128 << 10, System: "exFAT"}
	for name, c := range map[string]struct {
		space disk.Space
		keep  bool
		add   func(*[]crypt.Source)
		want  func(*crypt.ShortError) bool
	}{
		"FAT, a segment of 4 GiB":       {fat, false, one("DCIM/a.MP4", 4<<30-2), func(e *crypt.ShortError) bool { return len(e.TooLarge) == 1 && e.System == "FAT" }},
		"FAT, the overhead is too much": {fat, false, one("DCIM/a.MP4", 4<<30-1-(1<<20)), func(e *crypt.ShortError) bool { return len(e.TooLarge) == 1 }},
		"FAT, it just fits":             {fat, false, one("DCIM/a.MP4", 4<<30-2<<20), nil},
		"exFAT has no such limit":       {exfat, false, one("DCIM/a.MP4", 40<<30), nil},
		"exFAT, names":                  {exfat, true, one("DCIM/a:b", 1), func(e *crypt.ShortError) bool { return len(e.Names) == 1 && e.Names[0] == "DCIM/a:b" }},
		"exFAT, names are hidden":       {exfat, false, one("DCIM/a:b", 1), nil},
		"exFAT, clusters":               {disk.Space{Free: 100 * 128 << 10, Block: 128 << 10, System: "exFAT"}, false, many(200, 1), func(e *crypt.ShortError) bool { return e.Need > e.Free && e.Need > 200*128<<10 }},
		"FAT, a full folder":            {fat, true, many(22_000, 1), func(e *crypt.ShortError) bool { return len(e.Folders) == 1 }},
		"room":                          {disk.Space{Free: 1 << 20}, false, one("a", 2<<20), func(e *crypt.ShortError) bool { return e.Need-e.Free > 1<<20 && e.Need-e.Free < 2<<20 }},
	} {
		b := newBench(t)
		var sources []crypt.Source
		c.add(&sources)
		o := b.options()
		o.KeepNames = c.keep
		o.Space = func(*disk.Dir) (disk.Space, error) { return c.space, nil }
		ctx, stop := context.WithCancel(context.Background())
		stop() // what has room goes no further
		_, err := crypt.Encrypt(ctx, b.dir(b.vault), sources, o)
		var short *crypt.ShortError
		switch {
		case c.want == nil && !errors.Is(err, context.Canceled):
			t.Errorf("%s: %v", name, err)
		case c.want != nil && (!errors.As(err, &short) || !c.want(short)):
			t.Errorf("%s: %v", name, err)
		case c.want != nil && len(tree(t, b.vault)) > 0:
			t.Errorf("%s: something was written", name)
		}
	}
}

func one(path string, size int64) func(*[]crypt.Source) {
	return func(s *[]crypt.Source) { *s = append(*s, crypt.Source{Path: path, Size: size}) }
}

func many(n int, size int64) func(*[]crypt.Source) {
	return func(s *[]crypt.Source) {
		for i := range n {
			*s = append(*s, crypt.Source{Path: fmt.Sprintf("DCIM/100MEDIA/DJI_%05d.JPG", i), Size: size})
		}
	}
}
