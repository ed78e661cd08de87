package crypt

import (
	"flightveil/internal/disk"
	"fmt"
	"maps"
	"path"
	"slices"
)

// finish writes the index, both times, and a manifest, and ends the journal.
func (r *run) finish() error {
	if err := r.dir.Sync(slices.Sorted(maps.Keys(r.folders()))...); err != nil {
		return err
	}
	if r.sum.Sealed > 0 || r.sum.Resumed || !r.dir.Exists(indexName) {
		if err := r.writeIndex(); err != nil {
			return err
		}
	}
	return endJournal(r.dir, r.o.Local, r.info.ID)
}

func (r *run) folders() map[string]bool {
	out := map[string]bool{}
	for _, e := range r.entries {
		out[path.Dir(e.Name)] = true
	}
	return out
}

func (r *run) writeIndex() error {
	sortEntries(r.entries)
	made := slices.DeleteFunc(slices.Clone(r.entries), func(e Entry) bool { return r.old[e.Name] || !inXML(e.Name) })
	if len(made) > 0 { // before the index: a run killed in between writes a generation more, none less
		if err := writeManifest(r.dir, r.info, made, r.entries, r.o.Now); err != nil {
			return err
		}
	}
	return writeIndexes(r.dir, r.info, r.entries, r.to)
}

// writeIndexes writes both copies of the index, each at once.
func writeIndexes(dir *disk.Dir, info Info, entries []Entry, to []Recipient) error {
	b, err := sealIndex(info, entries, to...)
	if err != nil {
		return err
	}
	for _, name := range []string{indexCopyName, indexName} {
		if err := dir.WriteFile(name, b, neutral); err != nil {
			return fmt.Errorf("writing the index: %w", err)
		}
	}
	return nil
}
