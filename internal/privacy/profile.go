package privacy

import (
	"embed"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

//go:embed profiles/*.toml
var embedded embed.FS

// A Profile is a named policy and what goes with it. Profiles are TOML files.
type Profile struct {
	Name  string           `toml:"-"`
	About string           `toml:"about"` // one sentence: what the profile is for
	Cell  string           `toml:"cell"`  // size of a cell for coarse positions: "1km"
	Times string           `toml:"times"` // time stamps of written files: keep or neutral
	Names string           `toml:"names"` // names that carry a date, place or person: keep or new
	Rules map[Class]Action `toml:"rules"`
}

// Policy returns the rules of p.
func (p Profile) Policy() Policy { return Policy{Rules: p.Rules} }

// CellMetres returns the size of a cell in metres.
func (p Profile) CellMetres() (float64, error) { return ParseLength(p.Cell) }

// EmbeddedProfiles returns the names of the profiles that come with flightveil.
func EmbeddedProfiles() []string {
	entries, _ := embedded.ReadDir("profiles") // the embedded folder is always there
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".toml"))
	}
	return names
}

// LoadProfile returns the profile called name from user, a folder of TOML
// files that may be nil, or else from those that come with flightveil.
func LoadProfile(name string, user fs.FS) (Profile, error) {
	if user != nil && fs.ValidPath(name+".toml") {
		if b, err := fs.ReadFile(user, name+".toml"); err == nil {
			return ParseProfile(name, b)
		}
	}
	b, err := embedded.ReadFile(path.Join("profiles", path.Base(name)+".toml"))
	if err != nil || path.Base(name) != name {
		return Profile{}, fmt.Errorf("no profile is called %q", name)
	}
	return ParseProfile(name, b)
}

// ParseProfile reads a profile file. What it does not say is removed.
func ParseProfile(name string, b []byte) (Profile, error) {
	p := Profile{Name: name, Cell: "1km", Times: "neutral", Names: "new"}
	meta, err := toml.Decode(string(b), &p)
	if err != nil {
		return p, fmt.Errorf("profile %s: %w", name, err)
	}
	if keys := meta.Undecoded(); len(keys) > 0 {
		return p, fmt.Errorf("profile %s: unknown key %q", name, keys[0])
	}
	for c, a := range p.Rules {
		if !slices.Contains(Classes, c) || c == Technical {
			return p, fmt.Errorf("profile %s: unknown class %q", name, c)
		}
		if !slices.Contains([]Action{Keep, Remove, Coarsen, Refuse}, a) {
			return p, fmt.Errorf("profile %s: %s: unknown action %q (keep, remove, coarsen or refuse)", name, c, a)
		}
	}
	for key, v := range map[string]string{"times": p.Times, "names": p.Names} {
		if want := map[string][]string{"times": {"keep", "neutral"}, "names": {"keep", "new"}}[key]; !slices.Contains(want, v) {
			return p, fmt.Errorf("profile %s: %s: %q is not one of %s", name, key, v, strings.Join(want, ", "))
		}
	}
	if _, err := p.CellMetres(); err != nil {
		return p, fmt.Errorf("profile %s: cell: %w", name, err)
	}
	return p, nil
}

// With returns p with the rules of classes set to a.
func (p Profile) With(a Action, classes ...Class) Profile {
	p.Rules = maps.Clone(p.Rules)
	if p.Rules == nil {
		p.Rules = map[Class]Action{}
	}
	for _, c := range classes {
		p.Rules[c] = a
	}
	return p
}

// ParseClass returns the class a user means by name. "camera" is the device
// model, "gps" the location.
func ParseClass(name string) (Class, error) {
	alias := map[string]Class{"camera": Device, "model": Device, "gps": Location, "serial": Identity, "names": Identity,
		"artist": Copyright, "title": Description, "keywords": Description, "date": Time, "thumbnail": Preview, "c2pa": Provenance}
	c := Class(strings.ToLower(name))
	if a, ok := alias[string(c)]; ok {
		c = a
	}
	if !slices.Contains(Classes, c) || c == Technical {
		return "", fmt.Errorf("%q is not a class of findings", name)
	}
	return c, nil
}

// ParseLength reads a length such as "1km" or "250m", in metres. Cells are at
// least 100 m and at most 100 km wide.
func ParseLength(s string) (float64, error) {
	unit := 1.0
	digits, ok := strings.CutSuffix(s, "km")
	if ok {
		unit = 1000
	} else if digits, ok = strings.CutSuffix(s, "m"); !ok {
		return 0, fmt.Errorf("%q needs a unit, as in 500m or 1km", s)
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if err != nil || !(v*unit >= 100 && v*unit <= 100_000) {
		return 0, fmt.Errorf("%q is not a length between 100m and 100km", s)
	}
	return v * unit, nil
}

// Encode writes p as a profile file.
func (p Profile) Encode(w io.Writer) error { return toml.NewEncoder(w).Encode(p) }
