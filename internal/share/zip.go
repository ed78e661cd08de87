package share

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// Zip writes the files of an export, and what else is named, as one zip file:
// sorted, stored as they are, without times, owners and attributes, so that the
// same export gives the same bytes.
func Zip(w io.Writer, dir string, rep *Report, more ...string) error {
	names := slices.Clone(more)
	for _, f := range rep.Files {
		if f.Output != "" {
			names = append(names, rep.Stored(f.Output))
		}
	}
	slices.Sort(names)
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	z := zip.NewWriter(w)
	for _, name := range names {
		if err := addToZip(z, root, name); err != nil {
			return err
		}
	}
	return z.Close()
}

func addToZip(z *zip.Writer, root *os.Root, name string) error {
	f, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return err
	}
	defer f.Close()
	out, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err != nil {
		return err
	}
	_, err = io.Copy(out, f)
	return err
}
