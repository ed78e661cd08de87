package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"flightveil/cmd/internal/ui"
	"flightveil/crypt"
	"flightveil/internal/atomicfile"
	"flightveil/internal/disk"
	"flightveil/internal/pipeline"
	"flightveil/internal/share"
)

// A shareWriter carries out a plan: into a folder, sealed or not, or a zip.
type shareWriter struct {
	o        *shareOptions
	how      sharing
	plan     *share.Plan
	reported string // where the report is
	private  string // where the private one is
	paged    string // where the HTML page is
}

const reportName = pipeline.ReportName

// output is where the export is.
func (w *shareWriter) output() string { return w.o.Output }

// folder is where files are written: with --zip a folder beside the zip, until
// that is complete.
func (w *shareWriter) folder() string {
	if w.o.Zip {
		return w.o.Output + ".unfinished"
	}
	return w.o.Output
}

func (w *shareWriter) run(ctx context.Context) (*share.Report, error) {
	if w.o.DryRun {
		return w.plan.Run(ctx, w.how.Options)
	}
	if w.o.Zip && !w.o.Force {
		if _, err := os.Lstat(w.o.Output); err == nil {
			return nil, withHint(fmt.Errorf("%s exists already", ui.Printable(w.o.Output)), "--force replaces it")
		}
	}
	dir, err := atomicfile.Open(w.folder(), atomicfile.Options{Force: w.o.Force, Private: w.o.Zip})
	if err != nil {
		return nil, withHint(fmt.Errorf("the output folder cannot be used: %w", err), "name a folder that can be created and written: -o DIR")
	}
	defer dir.Close()
	if err := w.room(); err != nil {
		return nil, err
	}
	w.how.Out, w.how.Path = dir, w.folder()
	if len(w.how.to) > 0 {
		w.how.Seal = func(dst io.Writer, src io.Reader) error { return crypt.Seal(dst, src, w.how.to...) }
	}
	rep, err := w.plan.Run(ctx, w.how.Options)
	if err != nil {
		return nil, err
	}
	if err := w.reports(rep); err != nil {
		return nil, err
	}
	if w.o.Zip {
		return rep, w.zip(rep)
	}
	return rep, nil
}

// room compares what is needed with what is free, before anything is written.
func (w *shareWriter) room() error {
	need, largest := w.plan.Needs()
	if len(w.how.to) > 0 {
		need += largest * int64(w.o.Jobs) // the plain copies that are being verified
	}
	if w.o.Zip {
		need *= 2
	}
	d, err := disk.Open(w.folder(), false)
	if err != nil {
		return err
	}
	defer d.Close()
	space, err := d.Space()
	if err != nil {
		return nil // not every system tells; writing will
	}
	free := space.Free
	need -= taken(w.folder())
	if need <= free {
		return nil
	}
	return withHint(fmt.Errorf("there is not enough room: about %s are needed and %s are free, %s too few", ui.Bytes(need), ui.Bytes(free), ui.Bytes(need-free)),
		"write to another disk with -o, choose fewer files with --only, or free some space")
}

// taken is how many bytes an earlier run has written below dir.
func taken(dir string) (n int64) {
	filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if fi, err := d.Info(); err == nil {
				n += fi.Size()
			}
		}
		return nil
	})
	return n
}

// reports writes report.json into the export, and the private one elsewhere.
func (w *shareWriter) reports(rep *share.Report) error {
	public, err := indented(rep.Public())
	if err != nil {
		return err
	}
	name := reportName
	if len(w.how.to) > 0 {
		if public, err = w.sealed(public); err != nil {
			return err
		}
		name += pipeline.SealedSuffix
	}
	if err := replace(w.folder(), name, public, false); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	w.reported = filepath.Join(w.o.Output, name)
	if err := w.page(rep); err != nil {
		return err
	}
	if w.o.Private == "" {
		return nil
	}
	var secret []byte
	if strings.EqualFold(filepath.Ext(strings.TrimSuffix(w.o.Private, pipeline.SealedSuffix)), ".html") {
		var b bytes.Buffer
		err = ui.ShareHTML(&b, rep.Secret())
		secret = b.Bytes()
	} else {
		secret, err = indented(rep.Secret())
	}
	if err != nil {
		return err
	}
	w.private = w.o.Private
	if len(w.how.to) > 0 {
		if secret, err = w.sealed(secret); err != nil {
			return err
		}
		if !strings.HasSuffix(w.private, pipeline.SealedSuffix) {
			w.private += pipeline.SealedSuffix
		}
	}
	if err := replace(filepath.Dir(w.private), filepath.Base(w.private), secret, true); err != nil {
		return fmt.Errorf("the private report: %w", err)
	}
	return nil
}

// page writes the report as HTML: sealed if it lies in a sealed export.
func (w *shareWriter) page(rep *share.Report) error {
	if w.o.HTML == "" {
		return nil
	}
	var b bytes.Buffer
	if err := ui.ShareHTML(&b, rep.Public()); err != nil {
		return err
	}
	text, name := b.Bytes(), w.o.HTML
	if len(w.how.to) > 0 && within(name, w.o.Output) {
		var err error
		if text, err = w.sealed(text); err != nil {
			return err
		}
		name += pipeline.SealedSuffix
	}
	if err := replace(filepath.Dir(name), filepath.Base(name), text, false); err != nil {
		return fmt.Errorf("the HTML report: %w", err)
	}
	w.paged = name
	return nil
}

// within reports whether path lies in the folder dir.
func within(path, dir string) bool {
	p, err := resolve(path)
	if err != nil {
		return false
	}
	d, err := resolve(dir)
	return err == nil && strings.HasPrefix(p, d+string(filepath.Separator))
}

func (w *shareWriter) sealed(b []byte) ([]byte, error) {
	var out bytes.Buffer
	err := crypt.Seal(&out, bytes.NewReader(b), w.how.to...)
	return out.Bytes(), err
}

// replace writes a report instead of the one of an earlier run.
func replace(dir, name string, b []byte, private bool) error {
	return putFile(dir, name, b, atomicfile.Options{Force: true, Private: private})
}

func indented(v any) ([]byte, error) {
	b, err := json.MarshalIndent(v, "", " ")
	return append(b, '\n'), err
}

func writeJSON(w io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// zip puts the finished export into one file and removes the folder.
func (w *shareWriter) zip(rep *share.Report) error {
	d, err := atomicfile.Open(filepath.Dir(w.o.Output), atomicfile.Options{Force: w.o.Force})
	if err != nil {
		return err
	}
	defer d.Close()
	f, err := d.Create(filepath.Base(w.o.Output))
	if err != nil {
		return err
	}
	if err := share.Zip(f, w.folder(), rep, filepath.Base(w.reported)); err != nil {
		f.Discard()
		return fmt.Errorf("writing the zip: %w", err)
	}
	var named error
	f.Commit(atomicfile.Neutral(), func(err error) { named = err })
	if err := errors.Join(d.Flush(), named); err != nil {
		return err
	}
	w.reported = reportName + " in it"
	return os.RemoveAll(w.folder())
}
