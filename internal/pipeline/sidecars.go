package pipeline

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// mediaExtensions are those of files that flightveil may be asked to write,
// and of the sidecars and twins that lie beside a photo or video.
var mediaExtensions = []string{
	".360", ".3g2", ".3gp", ".aae", ".apng", ".arw", ".ass", ".avi", ".avif", ".avifs", ".bin", ".btf", ".cr2", ".cr3", ".dng", ".erf", ".gif", ".gpmf", ".gpr",
	".heic", ".heics", ".heif", ".hif", ".iiq", ".insp", ".insv", ".j2c", ".j2k", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpf", ".jpg", ".jps", ".jpx", ".jxl",
	".lrf", ".lrv", ".m2t", ".m2ts", ".m4v", ".mk3d", ".mkv", ".mov", ".mp4", ".mpo", ".mrk", ".mts", ".nav", ".nef", ".nrw", ".obs", ".orf", ".pef", ".png",
	".psb", ".psd", ".qt", ".raf", ".raw", ".rnx", ".rw2", ".rwl", ".sr2", ".srt", ".srw", ".ssa", ".thm", ".tif", ".tiff", ".tod", ".ts", ".vtt", ".webm",
	".webp", ".xmp",
}

// KnownExtension reports whether ext, with its dot, is that of a photo, video
// or sidecar.
func KnownExtension(ext string) bool {
	_, found := slices.BinarySearch(mediaExtensions, strings.ToLower(ext))
	return found
}

// Siblings returns the paths of the files beside path that belong to it: raw
// twins, sidecars and proxies. Folders have none.
func Siblings(path string) []string {
	fi, err := os.Stat(path)
	if err != nil || !fi.Mode().IsRegular() {
		return nil
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil
	}
	own := filepath.Base(path)
	key, _ := bundle(own)
	var out []string
	for _, e := range entries {
		n := e.Name()
		if n != own && e.Type().IsRegular() && !junk(n) && KnownExtension(filepath.Ext(n)) && belongs(n, key) {
			out = append(out, filepath.Join(filepath.Dir(path), n))
		}
	}
	return out
}

// belongs reports whether the file name is of the bundle key.
func belongs(name, key string) bool {
	own, _ := bundle(name)
	return own == key
}

// Missing reports whether s does not exist.
func (s *Source) Missing() bool { return errors.Is(s.err, fs.ErrNotExist) }

// Spool makes a source of a stream: formats need to read files in any order.
// The closer removes what was spooled.
func Spool(r io.Reader) (*Source, io.Closer, error) {
	f, err := os.CreateTemp("", "flightveil-")
	if err != nil {
		return nil, nil, err
	}
	file := spooled{f}
	n, err := io.Copy(f, r)
	if err != nil {
		file.remove()
		return nil, nil, err
	}
	s := &Source{Label: "-", Rel: "stdin", Size: n, Mod: time.Now(), Given: true}
	s.open = func() (fs.File, error) { return file, nil }
	return s, closerFunc(file.remove), nil
}

// spooled is a file that stays open between readers.
type spooled struct{ *os.File }

func (s spooled) Close() error { return nil }

func (s spooled) remove() error { return errors.Join(s.File.Close(), os.Remove(s.Name())) }

type closerFunc func() error

func (f closerFunc) Close() error { return f() }
