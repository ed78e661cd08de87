package attack

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Maps are the streets and the terrain that an attacker has: everybody's.
type Maps struct {
	streets []*streets
	terrain []*terrain
}

// maxMap bounds what is inflated of one map.
const maxMap = 256 << 20

// ReadMaps reads the street maps (.osm.gz) and terrain tiles (.hgt.zip) of a
// folder. Other files are left alone. No folder is no maps.
func ReadMaps(folder fs.FS) (*Maps, error) {
	if folder == nil {
		return &Maps{}, nil
	}
	names, err := fs.Glob(folder, "*")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var m Maps
	for _, name := range names {
		switch {
		case strings.HasSuffix(name, ".osm.gz"):
			s, err := readStreets(folder, name)
			if err != nil {
				return nil, fmt.Errorf("reading the streets of %s: %w", name, err)
			}
			m.streets = append(m.streets, s)
		case strings.HasSuffix(name, ".hgt.zip"):
			t, err := readTerrain(folder, name)
			if err != nil {
				return nil, fmt.Errorf("reading the terrain of %s: %w", name, err)
			}
			m.terrain = append(m.terrain, t)
		}
	}
	if len(m.streets)+len(m.terrain) == 0 {
		return nil, errors.New("no street map (.osm.gz) and no terrain tile (.hgt.zip) there")
	}
	return &m, nil
}

// Streets names the street maps, Terrain the tiles.
func (m *Maps) Streets() (names []string) {
	for _, s := range m.streets {
		names = append(names, s.name)
	}
	return names
}

// Terrain names the terrain tiles.
func (m *Maps) Terrain() (names []string) {
	for _, t := range m.terrain {
		names = append(names, t.name)
	}
	return names
}

func readStreets(folder fs.FS, name string) (*streets, error) {
	f, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return parseStreets(strings.TrimSuffix(name, ".osm.gz"), io.LimitReader(z, maxMap))
}

func readTerrain(folder fs.FS, name string) (*terrain, error) {
	b, err := fs.ReadFile(folder, name)
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, ".hgt") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		defer r.Close()
		b, err := io.ReadAll(io.LimitReader(r, maxMap))
		if err != nil {
			return nil, err
		}
		return parseTerrain(strings.TrimSuffix(path.Base(f.Name), ".hgt"), b)
	}
	return nil, errors.New("no .hgt file in it")
}

// worlds are those that need maps, and the small ones that go with them.
func (m *Maps) worlds(epsilon float64) []world {
	if m == nil {
		return nil
	}
	var out []world
	for _, s := range m.streets {
		out = append(out, s.trips(epsilon)...)
	}
	for _, t := range m.terrain {
		out = append(out, t.flights(epsilon))
	}
	return append(out, latitudes(epsilon), albums(epsilon), houses(epsilon))
}
