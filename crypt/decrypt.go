package crypt

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"sync"

	"github.com/cespare/xxhash/v2"

	"flightveil/internal/disk"
	"flightveil/internal/fault"
)

// DecryptOptions says how files are opened.
type DecryptOptions struct {
	Jobs     int
	Force    bool // replace files that have the names already
	Progress func(n int64)
	Report   func(Result)
}

// Opened is the status of a file that left the vault.
const Opened Status = "opened"

// Decrypt writes files of the vault below out, under their paths and with their
// times. A file has its name only when it was authenticated to the end. What an
// earlier run wrote already is not written again.
func (v *Vault) Decrypt(ctx context.Context, out *disk.Dir, files []Entry, o DecryptOptions) (Summary, error) {
	d := &opening{v: v, out: out, o: o}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	next := make(chan Entry)
	var work sync.WaitGroup
	for range max(1, o.Jobs) {
		work.Go(func() {
			for e := range next {
				err := fault.Guard(func() error { return d.one(ctx, e) })
				if err == nil || ctx.Err() != nil {
					continue
				}
				if d.done(e, Failed, err); full(err) {
					d.stop(err)
					stop()
				}
			}
		})
	}
	for _, e := range files {
		select {
		case next <- e:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	work.Wait()
	err := out.Flush()
	if err == nil {
		err = out.Sync()
	}
	return d.sum, cmp.Or(d.fatal, context.Cause(ctx), err)
}

type opening struct {
	v   *Vault
	out *disk.Dir
	o   DecryptOptions

	mu    sync.Mutex
	sum   Summary
	fatal error
}

func (d *opening) stop(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fatal = cmp.Or(d.fatal, err)
}

// one opens one file.
func (d *opening) one(ctx context.Context, e Entry) error {
	if d.out.Exists(e.Path) {
		if d.same(e.Path, e) {
			if err := d.tidy(e); err != nil { // a kill may have come between its two names
				return err
			}
			d.done(e, Unchanged, nil)
			return nil
		}
		if !d.o.Force {
			return ErrExists
		}
	}
	part := partName(e.Path)
	p := disk.Pending{Part: part, Name: e.Path, Size: e.Size, Mod: e.Mod, Replace: d.o.Force, Done: func(err error) {
		if errors.Is(err, ErrExists) || err == nil {
			d.done(e, map[bool]Status{true: Opened, false: Failed}[err == nil], err)
			return
		}
		d.done(e, Failed, err)
		d.stop(err)
	}}
	if d.same(part, e) { // complete when an earlier run was interrupted
		return d.out.Adopt(p)
	}
	f, err := d.out.Create(part)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 256<<10)
	if err = d.v.Extract(ctx, e, &counted{w, d.o.Progress}); err == nil {
		err = w.Flush()
	}
	if err != nil {
		f.Close()
		d.out.Remove(part)
		return err
	}
	return d.out.Finish(f, p)
}

// tidy removes the unfinished name of a file that has its final one.
func (d *opening) tidy(e Entry) error {
	if err := d.out.Remove(partName(e.Path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing what an interrupted run left: %w", err)
	}
	return nil
}

// same reports whether the file called name has the content of e.
func (d *opening) same(name string, e Entry) bool {
	info, err := d.out.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() != e.Size {
		return false
	}
	f, err := d.out.OpenFile(name)
	if err != nil {
		return false
	}
	defer f.Close()
	sum := xxhash.New()
	strong := sha256.New()
	var w io.Writer = sum
	if e.SHA256 != "" {
		w = io.MultiWriter(sum, strong)
	}
	if _, err := io.Copy(w, f); err != nil || sum.Sum64() != e.Hash {
		return false
	}
	return e.SHA256 == "" || hex.EncodeToString(strong.Sum(nil)) == e.SHA256
}

func (d *opening) done(e Entry, s Status, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch s {
	case Opened:
		d.sum.Sealed++
		d.sum.Bytes += e.Size
	case Unchanged:
		d.sum.Unchanged++
	default:
		d.sum.Failed++
	}
	if d.o.Report != nil {
		d.o.Report(Result{Path: e.Path, Status: s, Size: e.Size, Err: err, Name: e.Name})
	}
}

// partName is the name a file has until it is complete: its own cannot clash
// with it, nor be longer than a file system allows.
func partName(p string) string {
	dir, base := path.Split(p)
	if len(base) > 200 {
		h := sha256.Sum256([]byte(base))
		base = hex.EncodeToString(h[:16])
	}
	return dir + base + ".flightveil" + disk.PartSuffix
}

// counted tells how much was written.
type counted struct {
	w    io.Writer
	tell func(int64)
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if c.tell != nil && n > 0 {
		c.tell(int64(n))
	}
	return n, err
}
