// Package arch is the test that says who may import whom.
package arch

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "flightveil/"

// allowed lists, for the longest matching prefix of a package, what it may
// import beside the standard library. No other package may be imported.
var allowed = map[string]string{
	"internal/geo":          "",
	"internal/input":        "",
	"internal/privacy":      "internal/geo internal/input github.com/BurntSushi/toml",
	"internal/block":        "internal/geo internal/input internal/privacy internal/block",
	"internal/block/djmeta": "internal/geo internal/input internal/privacy google.golang.org/protobuf/encoding/protowire",
	"internal/atomicfile":   "internal/input golang.org/x/sys",
	"internal/disk":         "golang.org/x/sys",
	"internal/fault":        "",
	"internal/sandbox":      "golang.org/x/sys github.com/landlock-lsm/go-landlock",
	"crypt":                 "internal/disk internal/fault internal/input filippo.io/age github.com/cespare/xxhash github.com/zeebo/xxh3 golang.org/x/crypto/chacha20poly1305",
	"internal/verify":       "internal/geo internal/input internal/privacy internal/block github.com/rwcarlsen/goexif github.com/dsoprea/go-exif github.com/bep/imagemeta",
	"logfmt":                "logfmt internal/geo internal/input internal/privacy internal/block github.com/muktihari/fit",
	"logfmt/export":         "logfmt",
	"logfmt/logfmttest":     "logfmt internal/ github.com/google/go-cmp",
	"exifscrub":             "exifscrub internal/geo internal/input internal/privacy internal/block",
	"exifscrub/jxl":         "exifscrub internal/geo internal/input internal/privacy internal/block github.com/andybalholm/brotli",
	"geofuzz":               "geofuzz internal/geo filippo.io/age github.com/golang/geo github.com/paulmach/orb",
	"internal/pipeline":     "exifscrub logfmt geofuzz crypt internal/",
	"internal/share":        "exifscrub logfmt geofuzz crypt internal/",
	"cmd":                   "exifscrub logfmt geofuzz crypt internal/ cmd github.com/spf13/ github.com/schollz/ golang.org/x/",
	"internal/arch":         "",
	"internal/corpus":       "",
	"internal/cardtest":     "",
	"exifscrub/scrubtest":   "exifscrub internal/ github.com/google/go-cmp",
}

// A container imports its parent and its parent's parts, never another container.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		pkg := strings.TrimPrefix(f[0], module)
		rule, ok := ruleFor(pkg)
		if !ok {
			t.Errorf("%s: no rule in arch_test.go", pkg)
			continue
		}
		for _, imp := range f[1:] {
			first, _, _ := strings.Cut(imp, "/")
			if !strings.Contains(first, ".") && first != strings.TrimSuffix(module, "/") {
				continue // standard library
			}
			imp = strings.TrimPrefix(imp, module)
			if !mayImport(rule, imp) || isFormat(imp) && !strings.HasSuffix(pkg, "/all") && parent(imp) == parent(pkg) {
				t.Errorf("%s must not import %s", pkg, imp)
			}
		}
	}
}

func ruleFor(pkg string) (rule string, ok bool) {
	best := -1
	for k, v := range allowed {
		if (pkg == k || strings.HasPrefix(pkg, k+"/")) && len(k) > best {
			best, rule = len(k), v
		}
	}
	return rule, best >= 0
}

func mayImport(rule, imp string) bool {
	for _, p := range strings.Fields(rule) {
		if imp == p || strings.HasPrefix(imp, strings.TrimSuffix(p, "/")+"/") {
			return true
		}
	}
	return false
}

// isFormat reports whether pkg is the folder of one format.
func isFormat(pkg string) bool {
	dir, name := parent(pkg), pkg[strings.LastIndexByte(pkg, '/')+1:]
	return (dir == "exifscrub" || dir == "logfmt") && name != "all" && name != "scrubtest" && name != "export" && name != "logfmttest"
}

func parent(pkg string) string { return pkg[:max(0, strings.LastIndexByte(pkg, '/'))] }
