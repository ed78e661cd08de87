package jpeg_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"flightveil/exifscrub"
	format "flightveil/exifscrub/jpeg"
	"flightveil/exifscrub/scrubtest"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// cleaned returns b cleaned with formats instead of those of all.
func cleaned(t *testing.T, b []byte, profile string, formats ...exifscrub.Format) []byte {
	t.Helper()
	job := scrubtest.Job(t, profile)
	if formats != nil {
		ids := map[string]bool{}
		for _, f := range formats {
			ids[f.ID()] = true
		}
		job.Formats = input.NewRegistry(append(slices.DeleteFunc(job.Formats.All(), func(f exifscrub.Format) bool { return ids[f.ID()] }), formats...)...)
	}
	plan, err := exifscrub.Scan(t.Context(), job, format.Format{}, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := exifscrub.Apply(&out, bytes.NewReader(b), plan.Edits()); err != nil {
		t.Fatal(err)
	}
	again, err := exifscrub.Scan(t.Context(), job, format.Format{}, bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if clean, err := again.Clean(); err != nil || !clean {
		t.Fatalf("the cleaned file wants another edit: %v", err)
	}
	return out.Bytes()
}

// indexed returns the pictures that the index of b names, each checked to be
// a whole picture and nothing else.
func indexed(t *testing.T, b []byte) [][]byte {
	t.Helper()
	at := bytes.Index(b, []byte("MPF\x00"))
	if at < 0 {
		return nil
	}
	var o binary.ByteOrder = binary.LittleEndian
	base := at + 4
	if b[base] == 'M' {
		o = binary.BigEndian
	}
	ifd := b[base+int(o.Uint32(b[base+4:])):]
	var out [][]byte
	var count uint32
	for e := ifd[2 : 2+12*int(o.Uint16(ifd))]; len(e) > 0; e = e[12:] {
		switch o.Uint16(e) {
		case 0xB001:
			count = o.Uint32(e[8:])
		case 0xB002:
			list := b[base+int(o.Uint32(e[8:])):][:o.Uint32(e[4:])]
			for ; len(list) >= 16; list = list[16:] {
				size, off := int(o.Uint32(list[4:])), int(o.Uint32(list[8:]))
				if off > 0 {
					off += base
				}
				p := b[off : off+size]
				if !bytes.HasPrefix(p, []byte("\xFF\xD8\xFF")) || !bytes.HasSuffix(p, []byte("\xFF\xD9")) {
					t.Errorf("picture %d is not where the index says", len(out)+1)
				}
				if _, _, n, ok := take(p); !ok || n != len(p) {
					t.Errorf("picture %d has %d bytes, the index says %d", len(out)+1, n, len(p))
				}
				for _, dependent := range []int{12, 14} {
					if int(o.Uint16(list[dependent:])) > int(count) {
						t.Errorf("picture %d depends on one that is not there", len(out)+1)
					}
				}
				out = append(out, p)
			}
		}
	}
	if int(count) != len(out) {
		t.Errorf("the index counts %d pictures and lists %d", count, len(out))
	}
	return out
}

func TestIndexFollows(t *testing.T) {
	for name, pictures := range map[string]int{"several.jpg": 3, "gainmap.jpg": 2, "motion.jpg": 2, "thermal.jpg": 2} {
		for _, profile := range []string{"public", "area", "mapping"} {
			out := cleaned(t, sample(t, name), profile)
			got := indexed(t, out)
			if len(got) != pictures {
				t.Fatalf("%s, %s: %d pictures, want %d", name, profile, len(got), pictures)
			}
			for i, p := range got[1:] {
				samePixels(t, p, p)
				if bytes.Contains(p, []byte(scrubtest.Text)) {
					t.Errorf("%s, %s: picture %d was not cleaned", name, profile, i+2)
				}
			}
		}
	}
}

// TestIndexGoes checks that no index stays when no picture does.
func TestIndexGoes(t *testing.T) {
	b := sample(t, "gainmap.jpg")
	at := bytes.LastIndex(b, []byte("\xFF\xD8"))
	b[at+2] = 0x12 // the gain map is none
	if out := cleaned(t, b, "public"); bytes.Contains(out, []byte("MPF\x00")) {
		t.Error("the index stays")
	}
}

var (
	itemLength  = regexp.MustCompile(`Item:Length="(\d+)"`)
	itemPadding = regexp.MustCompile(`Item:Padding="(\d+)"`)
)

func numbers(t *testing.T, b []byte, re *regexp.Regexp) (out []int) {
	t.Helper()
	for _, m := range re.FindAllSubmatch(b, -1) {
		n, err := strconv.Atoi(string(m[1]))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, n)
	}
	return out
}

// TestDirectoryFollows checks that a reader that adds up the lengths of the
// XMP directory finds the gain map, and in it what makes it one.
func TestDirectoryFollows(t *testing.T) {
	out := cleaned(t, sample(t, "gainmap.jpg"), "public")
	lengths, padding := numbers(t, out, itemLength), numbers(t, out, itemPadding)
	if len(lengths) != 1 || len(padding) != 1 {
		t.Fatalf("lengths %v, padding %v", lengths, padding)
	}
	_, _, end, _ := take(out)
	gain := out[end+padding[0]:]
	if len(gain) != lengths[0] {
		t.Fatalf("%d bytes behind the padding, the directory says %d", len(gain), lengths[0])
	}
	segs, _, n, ok := take(gain)
	if !ok || n != len(gain) {
		t.Fatal("no whole picture where the directory says")
	}
	for _, want := range []string{`hdrgm:GainMapMax="2.5"`, "urn:iso:std:iso:ts:21496:-1\x00"} {
		if !slices.ContainsFunc(segs, func(s segment) bool { return bytes.Contains(s.data, []byte(want)) }) {
			t.Errorf("%q is gone", want)
		}
	}
}

// clip is a video format in miniature: it cuts a position out of the file.
type clip struct{}

func (clip) ID() string { return "mp4" } // instead of the container of that name

func (clip) Detect(p input.Probe) input.Match {
	if len(p.Prefix) > 8 && string(p.Prefix[4:8]) == "ftyp" {
		return input.Certain
	}
	return input.No
}

func (clip) find(in exifscrub.Input) (exifscrub.Span, error) {
	b, err := input.ReadRange(in, 0, in.Size(), 1<<20)
	if i := bytes.Index(b, []byte("\xA9xyz")); i >= 0 {
		return exifscrub.Span{Off: int64(i), Len: 32}, err
	}
	return exifscrub.Span{}, err
}

func (c clip) Walk(_ context.Context, in exifscrub.Input, _ exifscrub.Limits) iter.Seq2[exifscrub.Item, error] {
	return func(yield func(exifscrub.Item, error) bool) {
		s, err := c.find(in)
		if s.Len > 0 || err != nil {
			yield(exifscrub.Item{Finding: &privacy.Finding{Class: privacy.Identity, Path: "xyz", Spans: []exifscrub.Span{s}}}, err)
		}
	}
}

func (c clip) Edits(_ context.Context, in exifscrub.Input, ds []exifscrub.Decision, _ exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	s, err := c.find(in)
	if err != nil {
		return exifscrub.Fail(err)
	}
	if len(ds) == 0 || !ds[0].Gone() {
		return exifscrub.Seq(nil)
	}
	return exifscrub.Seq([]exifscrub.Edit{{Off: s.Off, Len: s.Len}})
}

// TestVideoStays checks that a motion photo stays one, whichever way it is
// announced, when its video becomes shorter.
func TestVideoStays(t *testing.T) {
	isVideo := func(b []byte) bool {
		return len(b) > 8 && string(b[4:8]) == "ftyp" && bytes.HasSuffix(b, []byte("frames"))
	}
	out := cleaned(t, sample(t, "motion.jpg"), "public", clip{})
	lengths, padding := numbers(t, out, itemLength), numbers(t, out, itemPadding)
	if len(lengths) != 2 || !bytes.Contains(out, []byte(`MotionPhoto="1"`)) {
		t.Fatalf("lengths %v", lengths)
	}
	_, _, end, _ := take(out)
	if video := out[end+padding[0]+lengths[0]:]; len(video) != lengths[1] || !isVideo(video) || bytes.Contains(video, []byte("\xA9xyz")) {
		t.Errorf("the video is not where the directory says, or not clean: %q", video)
	}
	indexed(t, out)

	out = cleaned(t, sample(t, "microvideo.jpg"), "public", clip{})
	m := regexp.MustCompile(`MicroVideoOffset="(\d+)"`).FindSubmatch(out)
	if m == nil || !bytes.Contains(out, []byte(`MicroVideo="1"`)) {
		t.Fatal("the video is not announced")
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil || n > len(out) || !isVideo(out[len(out)-n:]) {
		t.Errorf("no video %d bytes before the end", n)
	}
}

// none recognises videos and can read none.
type none struct{ clip }

func (none) ID() string { return "mp4" }

func (none) Walk(context.Context, exifscrub.Input, exifscrub.Limits) iter.Seq2[exifscrub.Item, error] {
	return func(yield func(exifscrub.Item, error) bool) { yield(exifscrub.Item{}, input.ErrUnsupported) }
}

// TestVideoGoes checks that a video that had to go is no longer announced.
func TestVideoGoes(t *testing.T) {
	out := cleaned(t, sample(t, "motion.jpg"), "public", none{})
	if lengths := numbers(t, out, itemLength); len(lengths) != 2 || lengths[1] != 0 || !bytes.Contains(out, []byte(`MotionPhoto="0"`)) || bytes.Contains(out, []byte("ftyp")) {
		t.Errorf("lengths %v", lengths)
	}
	if got := indexed(t, out); len(got) != 2 {
		t.Errorf("%d pictures", len(got))
	}
	out = cleaned(t, sample(t, "microvideo.jpg"), "public", none{})
	if !bytes.Contains(out, []byte(`MicroVideo="0"`)) || !bytes.Contains(out, []byte(`MicroVideoOffset="000"`)) || bytes.Contains(out, []byte("ftyp")) {
		t.Error("the video is still announced")
	}
}

// block is a metadata block that loses its first n bytes, or grows by -n.
type block struct {
	id string
	n  int
}

func (b block) ID() string                   { return b.id }
func (block) Detect(input.Probe) input.Match { return input.No }

func (b block) Walk(_ context.Context, in exifscrub.Input, _ exifscrub.Limits) iter.Seq2[exifscrub.Item, error] {
	return func(yield func(exifscrub.Item, error) bool) {
		first, err := input.ReadRange(in, 0, min(1, in.Size()), 1)
		class := privacy.Identity
		if len(first) == 0 || first[0] == '.' {
			class = privacy.Technical
		}
		if yield(exifscrub.Item{Finding: &privacy.Finding{Class: class, Path: "first"}}, err) && err == nil {
			yield(exifscrub.Item{Finding: &privacy.Finding{Class: privacy.Exposure, Path: "rest"}}, nil)
		}
	}
}

func (b block) Edits(_ context.Context, _ exifscrub.Input, ds []exifscrub.Decision, _ exifscrub.Limits) iter.Seq2[exifscrub.Edit, error] {
	if !ds[0].Gone() {
		return exifscrub.Seq(nil)
	}
	return exifscrub.Seq([]exifscrub.Edit{{Len: int64(max(b.n, 0) + 1), With: bytes.Repeat([]byte("."), max(-b.n, 0)+1)}})
}

// TestSegmentFollows checks that the length of a segment follows its block.
func TestSegmentFollows(t *testing.T) {
	for _, n := range []int{40, -40} {
		b := sample(t, "gainmap.jpg")
		out := cleaned(t, b, "public", block{"tiff", n})
		segs, _, _, ok := take(out)
		if !ok {
			t.Fatal("the markers do not follow one another")
		}
		before, _, _, _ := take(b)
		if got, want := len(segs[1].data), len(before[1].data)-n; got != want || segs[1].data[6] != '.' {
			t.Errorf("the Exif segment has %d bytes, want %d", got, want)
		}
		if got := indexed(t, out); len(got) != 2 {
			t.Errorf("%d pictures", len(got))
		}
	}
	job := scrubtest.Job(t, "public")
	job.Formats = input.NewRegistry[exifscrub.Format](format.Format{}, block{"tiff", -65500})
	plan, err := exifscrub.Scan(t.Context(), job, format.Format{}, bytes.NewReader(sample(t, "plain.jpg")))
	if err == nil {
		_, err = plan.Clean()
	}
	if err == nil {
		t.Error("a segment longer than its length can say was accepted")
	}
}
