package verify_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"flightveil/exifscrub"
	"flightveil/exifscrub/all"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/corpus"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
	"flightveil/internal/verify"

	"github.com/bep/imagemeta"
)

// telling matches names of tags that no public copy may show, in the words of
// Exif, IPTC and XMP.
var telling = regexp.MustCompile(`^GPS(Lat|Lon|Alt|Date|Time|Dest|Img|Area)|Serial|Date|Artist|Copyright|Creator|City|Country|State|Location|` +
	`OwnerName|Author|By-line|Caption|Keywords|Description$|Comment|UniqueID|DocumentID|InstanceID|Software|Roll|Yaw|Pitch|Altitude$`)

// TestThirdReader cleans real files and has bep/imagemeta, which reads IPTC and
// XMP as well and finds its own way through the containers, look for what is
// left. The byte search must find nothing in them either: a good copy that is
// refused helps nobody.
func TestThirdReader(t *testing.T) {
	formats := map[string]imagemeta.ImageFormat{"jpeg": imagemeta.JPEG, "png": imagemeta.PNG, "webp": imagemeta.WebP, "tiff": imagemeta.TIFF, "heif": imagemeta.HEIF}
	before := 0
	for _, path := range corpus.Files(t, "media") {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		in := bytes.NewReader(b)
		probe, err := input.NewProbe(filepath.Base(path), in)
		if err != nil {
			continue
		}
		f, m, tie := all.Formats().Detect(probe)
		if m < input.Likely || tie {
			continue
		}
		for _, profile := range []string{"public", "area", "mapping"} {
			job := scrubtest.Job(t, profile)
			plan, err := exifscrub.Scan(t.Context(), job, f, in)
			if err != nil {
				continue // refused
			}
			var out bytes.Buffer
			if err := exifscrub.Apply(&out, in, plan.Edits()); err != nil {
				continue
			}
			clean := bytes.NewReader(out.Bytes())
			again, err := exifscrub.Scan(t.Context(), job, f, clean)
			if err != nil {
				t.Errorf("%s, %s: %v", filepath.Base(path), profile, err)
				continue
			}
			hits, err := verify.Pair(t.Context(), file(in, plan), file(clean, again))
			if err != nil || len(hits) > 0 {
				t.Errorf("%s, %s: %+v, %v", filepath.Base(path), profile, hits, err)
			}
			if format, ok := formats[f.ID()]; ok && profile == "public" {
				before += len(tags(t, b, format))
				if left := tags(t, out.Bytes(), format); len(left) > 0 {
					t.Errorf("%s: imagemeta sees %v", filepath.Base(path), left)
				}
			}
		}
	}
	if before < 500 {
		t.Errorf("imagemeta sees only %d telling tags in the originals", before)
	}
}

// TestOriginalsFail gives the byte search the originals themselves as if they
// were the copies: of nearly every position and identity it finds some form.
func TestOriginalsFail(t *testing.T) {
	sought, found := map[privacy.Class]int{}, map[privacy.Class]int{}
	for _, path := range corpus.Files(t, "media") {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		in := bytes.NewReader(b)
		probe, err := input.NewProbe(filepath.Base(path), in)
		if err != nil {
			continue
		}
		f, m, tie := all.Formats().Detect(probe)
		if m < input.Likely || tie {
			continue
		}
		plan, err := exifscrub.Scan(t.Context(), scrubtest.Job(t, "public"), f, in)
		if err != nil {
			continue
		}
		original := file(in, plan)
		hits, err := verify.Pair(t.Context(), original, verify.File{In: in, Coded: plan.Coded})
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
		had := map[privacy.Class]bool{}
		for _, f := range original.Findings {
			had[f.Class] = had[f.Class] || !f.Kept && !f.Encoded && (f.Where != nil && !f.Where.Zero() || f.Where == nil && len(f.Value) >= 10)
		}
		hit := map[privacy.Class]bool{}
		for _, h := range hits {
			hit[h.Class] = true
		}
		for _, c := range []privacy.Class{privacy.Location, privacy.Identity, privacy.Time, privacy.Copyright} {
			if had[c] {
				sought[c]++
				if hit[c] {
					found[c]++
				} else {
					t.Logf("%s: no %s is found", filepath.Base(path), c)
				}
			}
		}
	}
	for c, n := range sought {
		t.Logf("%s: %d of %d files", c, found[c], n)
		if found[c]*10 < n*9 {
			t.Errorf("%s is found in %d of %d originals", c, found[c], n)
		}
	}
	if len(sought) == 0 {
		t.Error("no original gives anything away?")
	}
}

func file(in input.Input, p *exifscrub.Plan) verify.File {
	f := verify.File{In: in, Coded: p.Coded}
	for _, j := range p.Findings {
		f.Findings = append(f.Findings, verify.Finding{Finding: j.Finding, Kept: j.Action == privacy.Keep, Encoded: j.Encoded})
	}
	return f
}

// tags returns the names of telling tags that imagemeta sees in b. Of files it
// cannot read it sees what comes before the error.
func tags(t *testing.T, b []byte, format imagemeta.ImageFormat) (names []string) {
	_, err := imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(b), ImageFormat: format, Sources: imagemeta.EXIF | imagemeta.IPTC | imagemeta.XMP,
		ShouldHandleTag: func(tag imagemeta.TagInfo) bool {
			// It takes the Interop directory for one of GPS tags.
			return telling.MatchString(tag.Tag) && !strings.HasSuffix(tag.Namespace, "InteroperabilityIFD")
		},
		HandleTag: func(tag imagemeta.TagInfo) error {
			if value := fmt.Sprint(tag.Value); strings.Trim(value, "\x00 :0[]") != "" && value != "undef" {
				names = append(names, tag.Source.String()+" "+tag.Namespace+" "+tag.Tag)
			}
			return nil
		},
	})
	if err != nil {
		t.Logf("imagemeta: %v", err)
	}
	return names
}
