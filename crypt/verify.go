package crypt

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"flightveil/internal/disk"
	"flightveil/internal/fault"

	"filippo.io/age"
	"github.com/cespare/xxhash/v2"
)

// Statuses of verifying.
const (
	Intact  Status = "intact"
	Damaged Status = "damaged"
	Unknown Status = "not in the index"
	Missing Status = "not in the vault"
	Differs Status = "differs"
	Pruned  Status = "deleted"
)

// VerifyOptions says how closely a vault is looked at.
type VerifyOptions struct {
	Full     bool // read everything, not only headers and ends
	Jobs     int
	Progress func(n int64)
	Report   func(Result)
}

// A Verdict is what verifying found.
type Verdict struct {
	Intact, Bad int
	Recorded    bool // SHA-256 sums were added to the index
}

// Verify looks whether each file of the vault can be opened. The quick way reads
// its header and its end: a file that is missing, cut or of another key is found,
// a flipped bit in its middle is not. The full way reads the medium, not memory,
// and everything on it, and adds the SHA-256 of each file to the index.
func (v *Vault) Verify(ctx context.Context, o VerifyOptions) (Verdict, error) {
	var verdict Verdict
	var mu sync.Mutex
	tell := func(r Result) {
		mu.Lock()
		defer mu.Unlock()
		if verdict.Intact++; r.Status != Intact {
			verdict.Intact--
			verdict.Bad++
		}
		if o.Report != nil {
			o.Report(r)
		}
	}
	sums := make([]string, len(v.entries))
	each(ctx, len(v.entries), o.Jobs, func(i int) {
		e := v.entries[i]
		var err error
		if o.Full {
			err = fault.Guard(func() (err error) { sums[i], err = v.full(ctx, e, o.Progress); return err })
		} else if err = fault.Guard(func() error { return v.quick(e) }); o.Progress != nil {
			o.Progress(e.Size)
		}
		if ctx.Err() != nil {
			return
		}
		r := Result{Path: e.Path, Name: e.Name, Size: e.Size, Status: Intact, Err: err}
		if err != nil {
			r.Status = Damaged
		}
		tell(r)
	})
	if err := ctx.Err(); err != nil {
		return verdict, err
	}
	strangers, err := v.strangers()
	if err != nil {
		return verdict, err
	}
	for _, name := range strangers {
		tell(Result{Path: name, Name: name, Status: Unknown, Err: errors.New("no file of the index is sealed in it; flightveil vault repair brings it in")})
	}
	if !o.Full {
		return verdict, nil
	}
	return verdict, v.record(sums, &verdict)
}

// record adds what a full look computed to the index. A vault that cannot be
// written to is verified all the same.
func (v *Vault) record(sums []string, verdict *Verdict) error {
	fresh := false
	for i, s := range sums {
		if s != "" && v.entries[i].SHA256 == "" {
			v.entries[i].SHA256, fresh = s, true
		}
	}
	if !fresh || v.Unfinished {
		return nil
	}
	to, err := v.sealedTo()
	if err != nil {
		return err
	}
	switch err := writeIndexes(v.dir, v.Info, v.entries, to); {
	case errors.Is(err, fs.ErrPermission) || full(err):
		return nil
	case err != nil:
		return err
	}
	verdict.Recorded = true
	return nil
}

// sealedTo returns who the files of the vault are sealed to.
func (v *Vault) sealedTo() ([]Recipient, error) {
	if v.Info.CardKey {
		to, err := PublicOf(v.ids[0])
		return []Recipient{to}, err
	}
	var out []Recipient
	for _, text := range v.Info.Recipients {
		to, err := ParseRecipient(text)
		if err != nil {
			return nil, err
		}
		out = append(out, to)
	}
	return out, nil
}

// full reads all of e from the medium. It returns the SHA-256 of the content.
func (v *Vault) full(ctx context.Context, e Entry, progress func(int64)) (string, error) {
	f, err := v.dir.OpenFile(e.Name)
	if err != nil {
		return "", lost(err)
	}
	defer f.Close()
	disk.DropCache(f)
	sealed := &summing{r: f, sum: xxhash.New()}
	r, err := age.Decrypt(sealed, v.ids...)
	if err != nil {
		return "", opened(err)
	}
	sum, strong := xxhash.New(), sha256.New()
	n, err := copyWatched(ctx, &counted{io.MultiWriter(sum, strong), progress}, r)
	if err != nil {
		return "", damage{err}
	}
	text := hex.EncodeToString(strong.Sum(nil))
	switch {
	case n != e.Size || sum.Sum64() != e.Hash || e.SHA256 != "" && text != e.SHA256:
		return "", damage{errors.New("not what the index says was sealed")}
	case e.Sealed != 0 && (sealed.n != e.Sealed || sealed.sum.Sum64() != e.Sum):
		return "", damage{errors.New("its sealed file is another one, though it opens")}
	}
	return text, nil
}

// summing counts and hashes what is read.
type summing struct {
	r   io.Reader
	sum *xxhash.Digest
	n   int64
}

func (s *summing) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.sum.Write(p[:n])
	s.n += int64(n)
	return n, err
}

// each calls f for 0 to n-1, several at a time, until ctx is done.
func each(ctx context.Context, n, jobs int, f func(int)) {
	next := make(chan int)
	var work sync.WaitGroup
	for range max(1, jobs) {
		work.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := 0; i < n && ctx.Err() == nil; i++ {
		next <- i
	}
	close(next)
	work.Wait()
}

// strangers lists sealed files that the index does not know.
func (v *Vault) strangers() ([]string, error) {
	known := make(map[string]bool, len(v.entries))
	for _, e := range v.entries {
		known[e.Name] = true
	}
	all, err := sealedFiles(v.dir)
	return slices.DeleteFunc(all, func(n string) bool { return known[n] }), err
}

// sealedFiles lists the sealed files of a vault that have their final names.
func sealedFiles(dir *disk.Dir) ([]string, error) {
	var out []string
	var walk func(name string, depth int) error
	walk = func(name string, depth int) error {
		d, err := dir.OpenFile(name)
		if err != nil {
			return err
		}
		list, err := d.ReadDir(-1)
		d.Close()
		if err != nil {
			return err
		}
		for _, e := range list {
			p := path.Join(name, e.Name())
			switch {
			case e.IsDir() && depth < 100:
				if err := walk(p, depth+1); err != nil {
					return err
				}
			case e.Type().IsRegular() && strings.HasSuffix(p, sealedSuffix):
				out = append(out, p)
			}
		}
		return nil
	}
	if !dir.Exists(dataFolder) {
		return nil, nil
	}
	err := walk(dataFolder, 0)
	slices.Sort(out)
	return out, err
}

// Compare looks for each source in the vault, byte by byte, both read from their
// media. Intact means that the vault holds the same.
func (v *Vault) Compare(ctx context.Context, sources []Source, o VerifyOptions) (Verdict, error) {
	have := map[string][]Entry{}
	for _, e := range v.entries {
		have[e.Card()] = append(have[e.Card()], e)
	}
	var verdict Verdict
	var mu sync.Mutex
	each(ctx, len(sources), o.Jobs, func(i int) {
		s := sources[i]
		r := Result{Path: s.Path, Size: s.Size, Status: Missing}
		switch {
		case s.Err != nil:
			r.Status, r.Err = Failed, s.Err
		default:
			for _, e := range have[s.Path] {
				r.Name = e.Name
				if r.Err = fault.Guard(func() error { return v.sameBytes(ctx, e, s) }); r.Err == nil {
					r.Status = Intact
					break
				}
				r.Status = Differs
			}
		}
		if ctx.Err() != nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if verdict.Bad++; r.Status == Intact {
			verdict.Bad--
			verdict.Intact++
		}
		if o.Progress != nil {
			o.Progress(s.Size)
		}
		if o.Report != nil {
			o.Report(r)
		}
	})
	return verdict, ctx.Err()
}

var errDiffers = errors.New("the vault holds another content under this name")

// sameBytes compares a source with what is sealed, to the last byte of both.
func (v *Vault) sameBytes(ctx context.Context, e Entry, s Source) error {
	src, err := s.Open()
	if err != nil {
		return err
	}
	defer src.Close()
	info, err := src.Stat()
	if err != nil {
		return err
	}
	if info.Size() != e.Size {
		return errDiffers
	}
	if f, ok := src.(interface{ Fd() uintptr }); ok {
		disk.DropCacheFd(f.Fd())
	}
	f, err := v.dir.OpenFile(e.Name)
	if err != nil {
		return lost(err)
	}
	defer f.Close()
	disk.DropCache(f)
	r, err := age.Decrypt(f, v.ids...)
	if err != nil {
		return opened(err)
	}
	same := &comparer{r: src, buf: make([]byte, copyBuffer)}
	n, err := copyWatched(ctx, same, r)
	switch {
	case errors.Is(err, errDiffers):
		return errDiffers
	case errors.As(err, new(writeError)):
		return fmt.Errorf("reading the card: %w", err)
	case err != nil:
		return damage{err}
	}
	if k, err := src.Read(same.buf[:1]); n != e.Size || k != 0 || err != io.EOF {
		return errDiffers
	}
	return nil
}

// A comparer fails where what is written differs from what r holds.
type comparer struct {
	r   io.Reader
	buf []byte
}

func (c *comparer) Write(p []byte) (int, error) {
	for at := 0; at < len(p); {
		b := c.buf[:min(len(c.buf), len(p)-at)]
		if _, err := io.ReadFull(c.r, b); err != nil {
			if err == io.EOF || err == io.ErrUnexpectedEOF {
				err = errDiffers
			}
			return at, err
		}
		if !bytes.Equal(b, p[at:at+len(b)]) {
			return at, errDiffers
		}
		at += len(b)
	}
	return len(p), nil
}

// Prune deletes from the card what [Vault.Compare] has just proven to be in the
// vault, both read from their media. Without really nothing is deleted. A file
// that was touched since is left.
func (v *Vault) Prune(ctx context.Context, card *disk.Dir, sources []Source, really bool, o VerifyOptions) (Verdict, error) {
	if v.Unfinished || v.Copy {
		return Verdict{}, errors.New("the vault is unfinished or its index is damaged: nothing is deleted")
	}
	byPath := make(map[string]Source, len(sources))
	for _, s := range sources {
		byPath[s.Path] = s
	}
	report := o.Report
	o.Report = func(r Result) {
		if r.Status == Intact {
			r.Status = Planned
			if really {
				r.Status, r.Err = Pruned, remove(card, byPath[r.Path])
				if r.Err != nil {
					r.Status = Failed
				}
			}
		}
		report(r)
	}
	verdict, err := v.Compare(ctx, sources, o)
	if really {
		err = errors.Join(err, card.Sync())
	}
	return verdict, err
}

// remove deletes a file of the card that is still the one that was compared.
func remove(card *disk.Dir, s Source) error {
	info, err := card.Stat(s.Path)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular() || info.Size() != s.Size || !info.ModTime().Equal(s.Mod):
		return ErrChanging
	}
	return card.Remove(s.Path)
}
