package crypt

import (
	"errors"
	"flightveil/internal/disk"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// resume goes on where an interrupted run was.
func (r *run) resume() ([]Entry, error) {
	ids := r.o.Proof
	if r.dir.Exists(cardKeyName) && len(ids) > 0 {
		key, _, err := openCardKey(r.dir, ids)
		if err != nil {
			return nil, err
		}
		ids = []Identity{key}
	}
	p, err := readJournal(r.dir, r.o.Local, ids)
	if err != nil {
		return nil, err
	}
	r.info, r.card, r.sum.Resumed = p.info, p.card, true
	if err := r.readers(); err != nil {
		return nil, err
	}
	r.journal, err = openJournal(r.dir, p.key)
	if err != nil {
		return nil, err
	}
	return r.settle(p.done)
}

// extend adds to a finished vault, perhaps not for the first time.
func (r *run) extend() (done, finished []Entry, err error) {
	if len(r.o.Proof) == 0 {
		return nil, nil, ErrNeedKey
	}
	v, err := Open(r.dir, r.o.Proof...)
	if err != nil {
		return nil, nil, err
	}
	r.info = v.Info
	if r.info.CardKey {
		to, err := PublicOf(v.ids[0])
		if err != nil {
			return nil, nil, err
		}
		r.card = RecipientOf(to)
	}
	if err := r.readers(); err != nil {
		return nil, nil, err
	}
	if !r.dir.Exists(journalName) {
		r.before(v.entries)
		r.journal, err = startJournal(r.dir, r.o.Local, r.info, r.card, r.to, true)
		return nil, v.entries, err
	}
	// The index may be older than the journal, or newer: then only the end is missing.
	p, err := readJournal(r.dir, r.o.Local, v.ids)
	if err != nil {
		return nil, nil, err
	}
	if err := v.reread(); err != nil {
		return nil, nil, err
	}
	r.sum.Resumed = true
	r.before(v.entries)
	if r.journal, err = openJournal(r.dir, p.key); err != nil {
		return nil, nil, err
	}
	fresh := slices.DeleteFunc(p.done, func(e Entry) bool {
		return slices.ContainsFunc(v.entries, func(o Entry) bool { return o.Name == e.Name })
	})
	done, err = r.settle(fresh)
	return done, v.entries, err
}

// reread reads the index without what the journal adds.
func (v *Vault) reread() error {
	if err := v.readIndex(indexName); err != nil {
		return v.readIndex(indexCopyName)
	}
	return nil
}

// readers checks that the vault is for those it is asked to be for, and sets
// who files are sealed to.
func (r *run) readers() error {
	var asked []string
	for _, to := range r.o.To {
		if text := RecipientOf(to); text != "" {
			asked = append(asked, text)
		}
	}
	for _, a := range asked {
		if !slices.Contains(r.info.Recipients, a) {
			return ErrOtherReaders
		}
	}
	if r.info.CardKey {
		to, err := ParseRecipient(r.card)
		r.to = []Recipient{to}
		return err
	}
	r.to = nil
	for _, text := range r.info.Recipients {
		to, err := ParseRecipient(text)
		if err != nil {
			return err
		}
		r.to = append(r.to, to)
	}
	return nil
}

// ErrOtherReaders means that recipients are given which the vault is not for.
var ErrOtherReaders = errors.New("this vault was made for other recipients")

// before keeps what a finished vault has.
func (r *run) before(entries []Entry) {
	r.keep(entries)
	for _, e := range entries {
		r.old[e.Name] = true
	}
}

func (r *run) keep(entries []Entry) {
	r.entries = append(r.entries, entries...)
	for _, e := range entries {
		r.taken[e.Path] = true
		r.names[strings.ToLower(e.Name)] = true
	}
}

// settle judges what the journal says: a file with its final name is done. One
// that is complete but for that was perhaps not on disk when the power went: it
// is read in full, and then gets its name. Anything else is sealed again.
func (r *run) settle(journaled []Entry) (done []Entry, err error) {
	seen := map[string]bool{}
	for _, e := range journaled {
		if seen[e.Name] {
			continue
		}
		seen[e.Name] = true
		part := e.Name + disk.PartSuffix
		switch {
		case r.dir.Exists(e.Name) && r.sealedAs(e.Name, e, false):
		case r.dir.Exists(part) && r.sealedAs(part, e, true):
			if err := r.dir.Adopt(disk.Pending{Part: part, Name: e.Name, Size: e.Sealed, Mod: neutral, Replace: true, Done: func(err error) {
				if err == nil {
					done = append(done, e)
				}
			}}); err != nil {
				return nil, err
			}
			continue
		default:
			if err := errors.Join(r.dir.Remove(part), r.dir.Remove(e.Name)); err != nil {
				return nil, err
			}
			continue
		}
		done = append(done, e)
	}
	if err := r.dir.Flush(); err != nil {
		return nil, err
	}
	r.keep(done)
	return done, r.sweep()
}

// sealedAs reports whether the file called name is the one that e describes:
// by its size, and with whole by its checksum.
func (r *run) sealedAs(name string, e Entry, whole bool) bool {
	f, err := r.dir.OpenFile(name)
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() != e.Sealed {
		return false
	}
	if !whole {
		return true
	}
	sum := xxhash.New()
	if _, err := io.Copy(sum, f); err != nil {
		return false
	}
	return sum.Sum64() == e.Sum
}

// sweep removes what a killed run left half written.
func (r *run) sweep() error {
	root := r.dir.Root()
	var walk func(name string, depth int) error
	walk = func(name string, depth int) error {
		d, err := root.Open(name)
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
				err = walk(p, depth+1)
			case e.Type().IsRegular() && (strings.HasSuffix(p, sealedSuffix+disk.PartSuffix) || strings.HasSuffix(p, ".mhl"+disk.PartSuffix)):
				err = root.Remove(p)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	for _, name := range []string{dataFolder, mhlFolder} {
		if r.dir.Exists(name) {
			if err := walk(name, 0); err != nil {
				return err
			}
		}
	}
	return nil
}
