package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"flightveil/cmd/internal/ui"
	"flightveil/internal/atomicfile"
)

// pageFree reports an HTML report that is there already, before any work is
// done. One with the title ours may be replaced: it is of an earlier run.
func pageFree(path string, force bool, ours string) error {
	if path == "" || force {
		return nil
	}
	if fi, err := os.Stat(filepath.Dir(path)); err != nil || !fi.IsDir() {
		return usageError{withHint(fmt.Errorf("--html %s: there is no such folder", ui.Printable(path)), "make it first")}
	}
	if _, err := os.Lstat(path); err != nil {
		return nil
	}
	if f, err := os.Open(path); err == nil && ours != "" {
		head := make([]byte, 2048)
		n, _ := io.ReadFull(f, head) // what is shorter has no title
		f.Close()
		if bytes.Contains(head[:n], []byte("<title>"+ours)) {
			return nil
		}
	}
	return withHint(fmt.Errorf("%s exists already", ui.Printable(path)), "--force replaces it")
}

// writePage writes an HTML report to path. A private one is for its owner only.
func writePage(path string, force, private bool, render func(io.Writer) error) error {
	var b bytes.Buffer
	if err := render(&b); err != nil {
		return err
	}
	if err := putFile(filepath.Dir(path), filepath.Base(path), b.Bytes(), atomicfile.Options{Force: force, Private: private}); err != nil {
		return fmt.Errorf("the HTML report: %w", err)
	}
	return nil
}

// putFile writes a report, complete or not at all.
func putFile(dir, name string, b []byte, how atomicfile.Options) error {
	d, err := atomicfile.Open(dir, how)
	if err != nil {
		return err
	}
	f, err := d.Create(name)
	if err != nil {
		return errors.Join(err, d.Close())
	}
	if _, err := f.Write(b); err != nil {
		f.Discard()
		return errors.Join(err, d.Close())
	}
	var named error
	f.Commit(atomicfile.Neutral(), func(err error) { named = err })
	return errors.Join(d.Flush(), named, d.Close())
}
