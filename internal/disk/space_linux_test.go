package disk

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestSpaceOfFAT: what statfs(2) says of the file systems of memory cards.
func TestSpaceOfFAT(t *testing.T) {
	fat := space(unix.Statfs_t{Type: 0x4d44, Bavail: 10, Bsize: 32 << 10})
	if fat.System != "FAT" || fat.MaxFile != 4294967295 || fat.Slots != 65535 || fat.Free != 320<<10 || fat.Takes(1) != 32<<10 {
		t.Errorf("%+v", fat)
	}
	exfat := space(unix.Statfs_t{Type: 0x2011bab0, Bavail: 10, Bsize: 128 << 10})
	if exfat.System != "exFAT" || exfat.MaxFile != 0 || exfat.Slots != 0 || exfat.Takes(128<<10+1) != 256<<10 {
		t.Errorf("%+v", exfat)
	}
	for name, want := range map[string]bool{"DCIM/100MEDIA/DJI_0001.MP4.age": true, "a:b": false, "a/b?/c": false, "dot./c": false, "x\n": false, strings.Repeat("x", 256): false, "ü ñ": true} {
		if exfat.CanName(name) != want || (Space{}).CanName(name) != true {
			t.Errorf("%q", name)
		}
	}
	for name, want := range map[string]int{"DJI_0001.MP4.age": 3, "0123456789abc": 2, "0123456789abcd": 3} {
		if got := NameSlots(name); got != want {
			t.Errorf("%q: %d", name, got)
		}
	}
}

// TestSpaceAt: a folder that is not there yet has the space of the one it will be in.
func TestSpaceAt(t *testing.T) {
	dir := t.TempDir()
	there, err := SpaceAt(dir)
	if err != nil {
		t.Fatal(err)
	}
	later, err := SpaceAt(filepath.Join(dir, "a", "b"))
	if err != nil || later.Device != there.Device || later.Free == 0 || later.Block == 0 || there.System != "" {
		t.Errorf("%+v, %+v, %v", there, later, err)
	}
}
