package share

import (
	"io/fs"
	"path"
	"path/filepath"

	"flightveil/crypt"
	"flightveil/internal/pipeline"
)

// VaultSources lists the files of a vault as inputs. They are decrypted as they
// are read, into memory only. label is where the vault is; with several, paths
// begin with its name.
func VaultSources(v *crypt.Vault, label string, several bool) []pipeline.Source {
	var out []pipeline.Source
	for _, e := range v.Files() {
		s := pipeline.NewSource(filepath.Join(label, filepath.FromSlash(e.Path)), e.Size, e.Mod, func() (fs.File, error) { return v.OpenFile(e) })
		s.Rel, s.Given = e.Path, false
		if several {
			s.Rel = path.Join(filepath.Base(label), e.Path)
		}
		out = append(out, s.Listed())
	}
	return out
}
