package pipeline

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A video, its captions, proxy and thumbnail get one name, whatever the
// camera's way to name them.
func TestBundles(t *testing.T) {
	var sources []Source
	for _, rel := range []string{
		"DJI_20310719044753_0001_D.MP4", "DJI_20310719044753_0001_D.SRT", "DJI_20310719044753_0001_D.LRF", "DJI_20310719044753_0001_D.THM", "DJI_20310719044753_0001_D.MP4.xmp",
		"GX010123.MP4", "GL010123.LRV", "GX010123.THM",
		"VID_20310719_044801_00_001.insv", "VID_20310719_044801_10_001.insv", "LRV_20310719_044801_01_001.lrv",
		"DJI_20310719044900_0009_Timestamp.MRK", "DJI_20310719044900_0009_PPKOBS.obs", "DJI_20310719044900_0009_PPKRAW.bin",
		"100_0001_Timestamp.MRK", "GH010124.MP4", "GX010124.MP4", "DJI_0007.MP4", "DJI_0007.SRT",
	} {
		sources = append(sources, Source{Rel: rel, open: openNothing})
	}
	got := map[string]string{}
	for i, name := range (&Runner{Jobs: 1}).rename(t.Context(), sources) {
		got[sources[i].Rel] = name
	}
	want := map[string]string{
		"DJI_20310719044753_0001_D.MP4": "clip-001.mp4", "DJI_20310719044753_0001_D.SRT": "clip-001.srt", "DJI_20310719044753_0001_D.LRF": "clip-001.lrf",
		"DJI_20310719044753_0001_D.THM": "clip-001.thm", "DJI_20310719044753_0001_D.MP4.xmp": "clip-001.mp4.xmp",
		"GX010123.MP4": "clip-003.mp4", "GL010123.LRV": "clip-003.lrv", "GX010123.THM": "clip-003.thm", "GH010124.MP4": "clip-002.mp4", "GX010124.MP4": "clip-004.mp4",
		"VID_20310719_044801_00_001.insv": "clip-005_00.insv", "VID_20310719_044801_10_001.insv": "clip-005_10.insv", "LRV_20310719_044801_01_001.lrv": "clip-005_01.lrv",
		"DJI_20310719044900_0009_Timestamp.MRK": "survey-001_Timestamp.mrk", "DJI_20310719044900_0009_PPKOBS.obs": "survey-001_PPKOBS.obs", "DJI_20310719044900_0009_PPKRAW.bin": "survey-001_PPKRAW.bin",
		"100_0001_Timestamp.MRK": "100_0001_Timestamp.MRK", "DJI_0007.MP4": "DJI_0007.MP4", "DJI_0007.SRT": "DJI_0007.SRT",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Siblings are found by the same rule.
func TestSiblings(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"DJI_0001.MP4", "DJI_0001.SRT", "DJI_0001.LRF", "DJI_0001.THM", "DJI_0001.xmp", "DJI_0001.ass", "DJI_0001.doc", "DJI_0002.SRT", "GX010123.MP4", "GL010123.LRV", "GX010123.THM", "._DJI_0001.MP4"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"DJI_0001.MP4": "DJI_0001.LRF DJI_0001.SRT DJI_0001.THM DJI_0001.ass DJI_0001.xmp", "GX010123.MP4": "GL010123.LRV GX010123.THM", "DJI_0002.SRT": "",
	} {
		var got []string
		for _, p := range Siblings(filepath.Join(dir, name)) {
			got = append(got, filepath.Base(p))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
