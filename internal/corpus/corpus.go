// Package corpus finds the real files that some tests compare with. They are
// not part of the repository, because they hold real people's positions.
package corpus

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Dir returns the folder of real files: FLIGHTVEIL_CORPUS, or ../shared/corpus
// beside the repository. The test is skipped where there is none.
func Dir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("FLIGHTVEIL_CORPUS")
	if dir == "" {
		dir = filepath.Join(root(t), "..", "shared", "corpus")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no corpus of real files: set FLIGHTVEIL_CORPUS to its folder")
	}
	return dir
}

// Files returns the paths of all files below sub, a folder of the corpus.
func Files(t testing.TB, sub string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(filepath.Join(Dir(t), sub), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// root returns the folder of go.mod.
func root(t testing.TB) string {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	t.Fatal("no go.mod above the test's folder")
	return ""
}
