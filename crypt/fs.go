package crypt

import (
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// FS returns the vault as a file system: files can be read anywhere, without
// their content being written anywhere. What is read is authenticated, chunk by
// chunk. Names that are not UTF-8 have no place in it.
func (v *Vault) FS() fs.FS {
	t := tree{v: v, folders: map[string][]fs.DirEntry{".": nil}}
	for i := range v.entries {
		e := &v.entries[i]
		if !fs.ValidPath(e.Path) || !utf8.ValidString(e.Path) {
			continue
		}
		t.add(path.Dir(e.Path), vaultInfo{e})
	}
	for _, list := range t.folders {
		slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	}
	return t
}

type tree struct {
	v       *Vault
	folders map[string][]fs.DirEntry
}

func (t tree) add(dir string, e fs.DirEntry) {
	_, known := t.folders[dir]
	t.folders[dir] = append(t.folders[dir], e)
	if !known {
		t.add(path.Dir(dir), folderInfo(path.Base(dir)))
	}
}

// Open implements [fs.FS].
func (t tree) Open(name string) (fs.File, error) {
	fail := func(err error) (fs.File, error) { return nil, &fs.PathError{Op: "open", Path: name, Err: err} }
	if !fs.ValidPath(name) {
		return fail(fs.ErrInvalid)
	}
	if list, ok := t.folders[name]; ok {
		return &vaultFolder{name: path.Base(name), list: list}, nil
	}
	e, ok := t.v.Find(name)
	if !ok {
		return fail(fs.ErrNotExist)
	}
	f, err := t.v.OpenFile(e)
	if err != nil {
		return fail(err)
	}
	return f, nil
}

// A File is an opened file of a vault.
type File struct {
	*io.SectionReader
	f    *os.File
	info vaultInfo
}

// OpenFile opens a file of the vault for reading anywhere.
func (v *Vault) OpenFile(e Entry) (*File, error) {
	f, err := v.dir.OpenFile(e.Name)
	if err != nil {
		return nil, lost(err)
	}
	r, n, err := openAt(f, e, v.ids)
	if err != nil {
		f.Close()
		return nil, err
	}
	return &File{io.NewSectionReader(r, 0, n), f, vaultInfo{&e}}, nil
}

func (v *Vault) opener(e Entry) func() (fs.File, error) {
	return func() (fs.File, error) {
		f, err := v.OpenFile(e)
		if err != nil {
			return nil, err
		}
		return f, nil
	}
}

// Stat and Close implement [fs.File].
func (f *File) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *File) Close() error               { return f.f.Close() }

type vaultInfo struct{ e *Entry }

func (i vaultInfo) Name() string               { return path.Base(i.e.Path) }
func (i vaultInfo) Size() int64                { return i.e.Size }
func (i vaultInfo) Mode() fs.FileMode          { return 0o400 }
func (i vaultInfo) ModTime() time.Time         { return i.e.Mod }
func (i vaultInfo) IsDir() bool                { return false }
func (i vaultInfo) Sys() any                   { return nil }
func (i vaultInfo) Type() fs.FileMode          { return 0 }
func (i vaultInfo) Info() (fs.FileInfo, error) { return i, nil }
func (i vaultInfo) String() string             { return fs.FormatFileInfo(i) }

type folderInfo string

func (i folderInfo) Name() string               { return string(i) }
func (i folderInfo) Size() int64                { return 0 }
func (i folderInfo) Mode() fs.FileMode          { return fs.ModeDir | 0o500 }
func (i folderInfo) ModTime() time.Time         { return time.Time{} }
func (i folderInfo) IsDir() bool                { return true }
func (i folderInfo) Sys() any                   { return nil }
func (i folderInfo) Type() fs.FileMode          { return fs.ModeDir }
func (i folderInfo) Info() (fs.FileInfo, error) { return i, nil }
func (i folderInfo) String() string             { return fs.FormatFileInfo(i) }

type vaultFolder struct {
	name string
	list []fs.DirEntry
}

func (d *vaultFolder) Stat() (fs.FileInfo, error) { return folderInfo(d.name), nil }
func (d *vaultFolder) Close() error               { return nil }
func (d *vaultFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.name, Err: fs.ErrInvalid}
}

func (d *vaultFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(d.list)
	} else if len(d.list) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.list))
	out := d.list[:n:n]
	d.list = d.list[n:]
	return out, nil
}
