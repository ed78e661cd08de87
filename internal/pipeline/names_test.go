package pipeline

import (
	"errors"
	"slices"
	"testing"

	"flightveil/internal/geo"

	"github.com/google/go-cmp/cmp"
)

func TestCameraWordsAreSorted(t *testing.T) {
	if !slices.IsSorted(cameraWords) {
		t.Error("the words are searched by halving: sort them")
	}
}

func TestTelling(t *testing.T) {
	for _, name := range []string{
		"DJI_20310719044753_0001_D", "IMG_20310719_044753", "PXL_20310719_044753123", "2031-07-19 04.47.53", "19.07.2031", "310719_holiday",
		"Screenshot_2031-07-19", "1942112873", "1942112873123", "DJI_202401311200_001", "garden of Zephyrine", "Quillfeather", "Port Quillon",
		"Zoë", "家", "47.12345_8.54321", "bad\xffname", "new\nline", "house", "DCIM of Bob",
	} {
		if !telling(name) {
			t.Errorf("%q is taken for a plain name", name)
		}
	}
	for _, name := range []string{
		"DJI_0042", "IMG_1234", "_DSC0815", "DSC_0001", "GOPR1785", "GX010042", "GH020042", "P1000123", "MVI_0001", "100MEDIA", "101_FUJI", "DCIM", "PANO_0007",
		"106FPLAN", "100MSDCF", "image-3", "photo", "DJI_0042_T", "MAX_0001", "YUN00012", "R0010001", "100_0001", "HDR 0003",
	} {
		if telling(name) {
			t.Errorf("%q is taken for a name that tells something", name)
		}
	}
}

func TestRename(t *testing.T) {
	gone := errors.New("gone")
	sources := []Source{
		{Rel: "100MEDIA/DJI_0001.JPG"},
		{Rel: "garden/DJI_20310719044753_0002_D.JPG", err: nil, open: nil},
		{Rel: "garden/DJI_20310719044753_0002_D.DNG"},
		{Rel: "garden/DJI_20310719044753_0002_D.JPG.xmp"},
		{Rel: "garden/photo-001.jpg"},
		{Rel: "lost/x.jpg", err: gone},
	}
	for i := range sources { // what cannot be opened has no capture time
		sources[i].err = gone
	}
	for i := range sources[:5] {
		sources[i].err = nil
		sources[i].open = openNothing
	}
	r := &Runner{Jobs: 2}
	got := r.rename(t.Context(), sources)
	want := []string{
		"100MEDIA/DJI_0001.JPG", "folder-01/photo-002.jpg", "folder-01/photo-002.dng", "folder-01/photo-002.jpg.xmp", "folder-01/photo-001.jpg", "folder-02/x.jpg",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestPrecision(t *testing.T) {
	for _, c := range []struct {
		p    geo.Point
		want string
	}{
		{geo.Point{Lat: 47, Lon: 8}, "112 km"},
		{geo.Point{Lat: 47.5, Lon: 8.25}, "2 km"},
		{geo.Point{Lat: 47.123, Lon: 8.456}, "111 m"},
		{geo.Point{Lat: 47 + 12.0/60 + 34.0/3600, Lon: 8}, "31 m"},
		{geo.Point{Lat: 47.123456, Lon: 8.456789}, "11 cm"},
		{geo.Point{Lat: 47.12345678912, Lon: 8}, "a few cm"},
	} {
		if got := metres(Precision(c.p)); got != c.want {
			t.Errorf("%v: %s, want %s", c.p, got, c.want)
		}
	}
}
