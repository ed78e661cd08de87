package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// version is what the build knows of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 && (v == "" || v == "(devel)") {
			v = s.Value[:12]
		}
	}
	return v + " " + info.GoVersion
}

func newVersionCommand(s streams) *cobra.Command {
	asJSON, sbom := false, false
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Say which build this is, and what is in it",
		Long: `Say which build this is. All of it is what the compiler wrote into the program:
the version, the commit it was made from, the settings, every module that is in
it and its checksum. --sbom prints the modules as CycloneDX.` + exitCodes,
		Args: usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			info, ok := debug.ReadBuildInfo()
			switch {
			case !ok:
				return fmt.Errorf("this program was built without build information")
			case sbom:
				return writeSBOM(s.Out, info)
			case asJSON:
				return json.NewEncoder(s.Out).Encode(versionObject(info))
			}
			_, err := fmt.Fprintf(s.Out, "flightveil %s %s/%s\n", version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object with settings and modules")
	cmd.Flags().BoolVar(&sbom, "sbom", false, "print the modules as a CycloneDX bill of materials")
	cmd.MarkFlagsMutuallyExclusive("json", "sbom")
	return cmd
}

// A module is one that is in the program.
type module struct {
	Path    string `json:"path"`
	Version string `json:"version"`
	Sum     string `json:"sum,omitempty"` // as in go.sum
}

type versionInfo struct {
	Type     string            `json:"type"`
	Version  string            `json:"version"`
	Go       string            `json:"go"`
	System   string            `json:"system"`
	Settings map[string]string `json:"settings"`
	Modules  []module          `json:"modules"`
}

func versionObject(info *debug.BuildInfo) versionInfo {
	v := versionInfo{Type: "version", Version: info.Main.Version, Go: info.GoVersion, System: runtime.GOOS + "/" + runtime.GOARCH, Settings: map[string]string{}, Modules: []module{}}
	for _, s := range info.Settings {
		v.Settings[s.Key] = s.Value
	}
	for _, d := range info.Deps {
		if d.Replace != nil {
			d = d.Replace
		}
		v.Modules = append(v.Modules, module{d.Path, d.Version, d.Sum})
	}
	return v
}

// A component is an entry of a CycloneDX 1.5 bill of materials.
type component struct {
	Type       string     `json:"type"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	PURL       string     `json:"purl"`
	Properties []property `json:"properties,omitempty"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// writeSBOM writes the same bytes for the same build: no time, no serial number.
func writeSBOM(w io.Writer, info *debug.BuildInfo) error {
	v := versionObject(info)
	settings := []property{{"go:version", v.Go}}
	for _, s := range info.Settings {
		settings = append(settings, property{"go:build:" + strings.TrimPrefix(s.Key, "-"), s.Value})
	}
	components := []component{{Type: "library", Name: "std", Version: strings.TrimPrefix(v.Go, "go"), PURL: "pkg:golang/std@" + strings.TrimPrefix(v.Go, "go")}}
	for _, m := range v.Modules {
		c := component{Type: "library", Name: m.Path, Version: m.Version, PURL: "pkg:golang/" + m.Path + "@" + m.Version}
		if m.Sum != "" {
			c.Properties = []property{{"go:sum", m.Sum}}
		}
		components = append(components, c)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(map[string]any{
		"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
		"metadata":   map[string]any{"component": component{Type: "application", Name: "flightveil", Version: v.Version, PURL: "pkg:golang/flightveil@" + v.Version, Properties: settings}},
		"components": components,
	})
}
