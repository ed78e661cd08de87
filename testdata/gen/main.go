// Command gen writes every fixture of the repository: go run ./testdata/gen
// from its root. Places, people and serial numbers are invented; the canaries
// are those of exifscrub/scrubtest. The same command always writes the same bytes.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// fixtures lists the folders and what makes the files in them.
var fixtures = []struct {
	dir  string
	make func() map[string][]byte
}{
	{"exifscrub/jumbf/testdata", jumbfFixtures},
	{"exifscrub/fff/testdata", fffFixtures},
	{"exifscrub/iptc/testdata", iptcFixtures},
	{"exifscrub/psir/testdata", psirFixtures},
	{"exifscrub/jpeg/testdata", jpegFixtures},
	{"exifscrub/png/testdata", pngFixtures},
	{"exifscrub/aae/testdata", aaeFixtures},
	{"exifscrub/xmp/testdata", xmpFixtures},
	{"exifscrub/psd/testdata", psdFixtures},
	{"exifscrub/gif/testdata", gifFixtures},
	{"exifscrub/raf/testdata", rafFixtures},
	{"exifscrub/tiff/testdata", rawFixtures},
	{"internal/block/makernote/testdata", makernoteFixtures},
	{"exifscrub/webp/testdata", webpFixtures},
	{"exifscrub/jp2/testdata", jp2Fixtures},
	{"exifscrub/jxl/testdata", jxlFixtures},
	{"exifscrub/heif/testdata", heifFixtures},
	{"exifscrub/cr3/testdata", cr3Fixtures},
	{"exifscrub/tiff/testdata", tiffFixtures},
	{"logfmt/tlog/testdata", tlogFixtures},
	{"logfmt/ulog/testdata", ulogFixtures},
	{"logfmt/dataflash/testdata", dataflashFixtures},
	{"logfmt/blackbox/testdata", blackboxFixtures},
	{"logfmt/djitxt/testdata", djitxtFixtures},
	{"logfmt/gpmf/testdata", gpmfFixtures},
	{"logfmt/djmeta/testdata", djmetaFixtures},
	{"logfmt/camm/testdata", cammFixtures},
	{"logfmt/parrot/testdata", parrotFixtures},
	{"logfmt/gutma/testdata", gutmaFixtures},
	{"logfmt/fit/testdata", fitFixtures},
	{"logfmt/gpx/testdata", gpxFixtures},
	{"logfmt/kml/testdata", kmlFixtures},
	{"logfmt/igc/testdata", igcFixtures},
	{"logfmt/nmea/testdata", nmeaFixtures},
	{"logfmt/djisrt/testdata", djisrtFixtures},
	{"logfmt/djisrt/testdata", djisrtVideos},
	{"exifscrub/srt/testdata", subtitleFixtures},
	{"exifscrub/gpmf/testdata", gpmfStreamFixtures},
	{"exifscrub/rtk/testdata", rtkFixtures},
	{"logfmt/djidat/testdata", djidatFixtures},
	{"logfmt/airdata/testdata", airdataFixtures},
	{"logfmt/phantomhelp/testdata", phantomhelpFixtures},
	{"logfmt/ugcs/testdata", ugcsFixtures},
	{"logfmt/yuneec/testdata", yuneecFixtures},
	{"logfmt/edgetx/testdata", edgetxFixtures},
	{"logfmt/litchi/testdata", litchiFixtures},
	{"logfmt/datcon/testdata", datconFixtures},
	{"logfmt/dronedeploy/testdata", dronedeployFixtures},
	{"exifscrub/mkv/testdata", mkvFixtures},
	{"exifscrub/mp4/testdata", mp4Fixtures},
	{"logfmt/autel/testdata", autelFixtures},
	{"logfmt/skydio/testdata", skydioFixtures},
	{"logfmt/plaincsv/testdata", plaincsvFixtures},
	{"exifscrub/avi/testdata", aviFixtures},
	{"exifscrub/mts/testdata", mtsFixtures},
	{"testdata/card", cardFixtures},
	{"testdata", cardTruth},
}

func main() {
	for _, f := range fixtures {
		for name, b := range f.make() {
			path := filepath.Join(f.dir, name)
			if err := write(path, b); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
	}
}

func write(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o644)
}
