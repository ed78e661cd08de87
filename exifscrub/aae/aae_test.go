package aae_test

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flightveil/exifscrub/aae"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/block/plist"
	"flightveil/internal/corpus"
)

func TestConformance(t *testing.T) { scrubtest.Run(t, aae.Format{}, "testdata") }

func FuzzScrub(f *testing.F) { scrubtest.Fuzz(f, aae.Format{}, "testdata") }

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func root(t *testing.T, b []byte) *plist.Value {
	t.Helper()
	f, err := plist.Parse(b, 10000)
	if err != nil {
		t.Fatal(err)
	}
	return f.Root
}

func inflate(t *testing.T, b []byte) string {
	t.Helper()
	out, err := io.ReadAll(flate.NewReader(bytes.NewReader(b)))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestEdits checks that the edits survive and that nothing else does, in both
// forms of property list.
func TestEdits(t *testing.T) {
	for _, name := range []string{"rich.aae", "binary.aae", "unused.aae", "utf16.aae"} {
		clean := root(t, scrubtest.Scrub(t, aae.Format{}, sample(t, name), "public"))
		for _, key := range []string{"adjustmentTimestamp", "deviceName", "extra"} {
			if clean.Get(key) != nil {
				t.Errorf("%s: %s is still there", name, key)
			}
		}
		if v := clean.Get("adjustmentEditorBundleID"); v == nil || v.Text != "" {
			t.Errorf("%s: the program is %v, want empty", name, v)
		}
		for key, want := range map[string]string{"adjustmentFormatIdentifier": "com.apple.photo", "adjustmentFormatVersion": "1.4", "adjustmentBaseVersion": "0"} {
			if v := clean.Get(key); v == nil || v.Text != want {
				t.Errorf("%s: %s is %v, want %s", name, key, v, want)
			}
		}
		plain := inflate(t, clean.Get("adjustmentData").Bytes)
		if !json.Valid([]byte(plain)) {
			t.Errorf("%s: the edits are no JSON any more: %s", name, plain)
		}
		for _, want := range []string{`"inputLight":0.1704`, `"effectName":"3DNoir"`, `"identifier":"SmartTone"`, `"platform":"iOS"`, `"masterWidth":4032`, `"lightMap":"QFQ4SzRK\/A=="`} {
			if !strings.Contains(plain, want) {
				t.Errorf("%s: %s was lost", name, want)
			}
		}
		for _, gone := range []string{scrubtest.Serial, scrubtest.Person, scrubtest.Text, "41.38", "132.45", "1942197473", `"appVersion":"1"`} {
			if strings.Contains(plain, gone) {
				t.Errorf("%s: %q is still in the edits", name, gone)
			}
		}
	}
}

func TestCoarseTime(t *testing.T) {
	want := time.Date(2031, 7, 19, 0, 0, 0, 0, time.UTC)
	for _, name := range []string{"rich.aae", "binary.aae"} {
		v := root(t, scrubtest.Scrub(t, aae.Format{}, sample(t, name), "area")).Get("adjustmentTimestamp")
		if v == nil || !v.Time.Equal(want) {
			t.Errorf("%s: the time is %v, want %v", name, v, want)
		}
	}
}

// TestSlowMotion checks that edits which hold nothing else are not touched.
func TestSlowMotion(t *testing.T) {
	for _, name := range []string{"slomo.aae", "slomo-binary.aae"} {
		dirty := sample(t, name)
		clean := scrubtest.Scrub(t, aae.Format{}, dirty, "public")
		if !bytes.Equal(root(t, clean).Get("adjustmentData").Bytes, root(t, dirty).Get("adjustmentData").Bytes) {
			t.Errorf("%s: the slow motion changed", name)
		}
	}
}

// TestUnreadableEdits checks that what nobody can judge goes.
func TestUnreadableEdits(t *testing.T) {
	for _, name := range []string{"foreign.aae", "archive.aae"} {
		if v := root(t, scrubtest.Scrub(t, aae.Format{}, sample(t, name), "public")).Get("adjustmentData"); v == nil || len(v.Bytes) != 0 {
			t.Errorf("%s: edits nobody can read are still there", name)
		}
	}
	if v := root(t, scrubtest.Scrub(t, aae.Format{}, sample(t, "trailing.aae"), "public")).Get("adjustmentData"); inflate(t, v.Bytes) != `{"adjustments":[]}` || bytes.Contains(v.Bytes, []byte("heron")) {
		t.Error("trailing.aae: bytes after the edits are still there, or the edits are not")
	}
}

// TestCorpus cleans the real files: every edit parameter stays as it was.
func TestCorpus(t *testing.T) {
	n := 0
	for _, path := range corpus.Files(t, "media/sidecar") {
		if !strings.EqualFold(filepath.Ext(path), ".aae") {
			continue
		}
		n++
		dirty, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		scrubtest.Check(t, aae.Format{}, dirty, false)
		clean := root(t, scrubtest.Scrub(t, aae.Format{}, dirty, "public"))
		if clean.Get("adjustmentTimestamp") != nil {
			t.Error("the time is still there")
		}
		var a, b map[string]any
		if err := json.Unmarshal([]byte(inflate(t, root(t, dirty).Get("adjustmentData").Bytes)), &a); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(inflate(t, clean.Get("adjustmentData").Bytes)), &b); err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"adjustments", "metadata", "formatVersion"} {
			x, _ := json.Marshal(a[part])
			y, _ := json.Marshal(b[part])
			if !bytes.Equal(x, y) {
				t.Errorf("%s: %s changed", filepath.Base(path), part)
			}
		}
	}
	if n == 0 {
		t.Error("no adjustment file in the corpus")
	}
}
