package verify

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	"flightveil/internal/input"
	"flightveil/internal/privacy"

	exifv3 "github.com/dsoprea/go-exif/v3"
	exifcommon "github.com/dsoprea/go-exif/v3/common"
	"github.com/rwcarlsen/goexif/exif"
	"github.com/rwcarlsen/goexif/tiff"
)

// Exif asks other Exif readers what they see in after, the block that was
// written in place of before, and reports tags of classes that are gone. A
// reader that could read before but not after is an error: what it does not
// understand any more, others may misunderstand.
//
// Both are Exif blocks without the six bytes before the TIFF header, or whole
// TIFF files. Long files are read by those readers only that do not load them.
func Exif(before, after input.Input, gone func(privacy.Class) bool) ([]Hit, error) {
	b, err := newBlock(after)
	if errors.Is(err, errForeign) {
		return nil, nil
	}
	if err != nil {
		if _, before := newBlock(before); before != nil {
			return nil, nil
		}
		return nil, fmt.Errorf("giving the Exif block to other readers: %w", err)
	}
	var hits []Hit
	told := map[string]bool{}
	for _, r := range readers {
		if r.loads && b.whole == nil {
			continue
		}
		err := r.read(b, func(t seen) {
			if c := t.class(); c != "" && gone(c) && !t.empty() && !told[t.name] {
				told[t.name] = true
				hits = append(hits, Hit{Class: c, Path: t.name, Off: -1, As: r.name})
			}
		})
		if err == nil {
			continue
		}
		if was, wasErr := newBlock(before); wasErr == nil && (was.whole != nil || !r.loads) && r.read(was, func(seen) {}) == nil {
			return nil, fmt.Errorf("%s cannot read the Exif block any more: %w", r.name, err)
		}
	}
	return hits, nil
}

// seen is a tag that a reader sees.
type seen struct {
	gps   bool
	id    uint16
	name  string
	value []byte
}

func (s seen) class() privacy.Class {
	if s.gps {
		return gpsClass(s.id)
	}
	return tagClass(s.id)
}

func (s seen) empty() bool { return blank(s.value) || s.gps && noFix(s.value) }

// A reader is an Exif reader by other hands.
type reader struct {
	name  string
	loads bool // it needs the whole block in memory
	read  func(*block, func(seen)) error
}

var readers = [...]reader{
	{"goexif", true, guarded(readGoexif)},
	{"go-exif", false, guarded(readGoExif3)},
}

// guarded turns a panic of read into an error. Both readers panic at odd data.
func guarded(read func(*block, func(seen)) error) func(*block, func(seen)) error {
	return func(b *block, see func(seen)) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("it gave up: %w", input.ErrUnsupported)
			}
		}()
		return read(b, see)
	}
}

// readGoexif reads with rwcarlsen/goexif.
func readGoexif(b *block, see func(seen)) error {
	x, err := exif.Decode(bytes.NewReader(b.whole))
	if x == nil || err != nil && exif.IsCriticalError(err) {
		return errors.New("no Exif block") // its own words may quote the file
	}
	return x.Walk(walker(see))
}

type walker func(seen)

func (w walker) Walk(name exif.FieldName, tag *tiff.Tag) error {
	gps := len(name) > 3 && name[:3] == "GPS" && name != exif.GPSInfoIFDPointer
	w(seen{gps, tag.Id, string(name), tag.Val})
	return nil
}

// goExif3 is what dsoprea/go-exif needs to know: directories, and a long table
// of tags in YAML that is read once and only if there is an Exif block. Nothing
// changes it afterwards.
var goExif3 = sync.OnceValues(func() (known struct {
	dirs *exifcommon.IfdMapping
	tags *exifv3.TagIndex
}, err error) {
	known.tags = exifv3.NewTagIndex()
	if err := exifv3.LoadStandardTags(known.tags); err != nil {
		return known, err
	}
	known.dirs, err = exifcommon.NewIfdMappingWithStandard()
	return known, err
})

// readGoExif3 reads with dsoprea/go-exif.
func readGoExif3(b *block, see func(seen)) error {
	known, err := goExif3()
	if err != nil {
		return err
	}
	var first [exifv3.ExifSignatureLength]byte
	if err := input.ReadFull(b, first[:], 0); err != nil {
		return err
	}
	header, err := exifv3.ParseExifHeader(first[:])
	if err != nil {
		return errors.New("no Exif block")
	}
	walk := exifv3.NewIfdEnumerate(known.dirs, known.tags, seeker{b}, header.ByteOrder)
	_, err = walk.Scan(exifcommon.IfdStandardIfdIdentity, header.FirstIfdOffset, func(e *exifv3.IfdTagEntry) error {
		s := seen{gps: e.IfdPath() == "IFD/GPSInfo", id: e.TagId(), name: e.TagName()}
		if s.class() == "" {
			return nil
		}
		if value, err := e.GetRawBytes(); err == nil {
			s.value = value
			see(s)
		}
		return nil // what it cannot decode the other reader sees
	}, nil)
	if err != nil {
		return errors.New("no walk through the directories")
	}
	return nil
}

// A seeker gives each directory and value a reader of its own.
type seeker struct{ b *block }

func (s seeker) GetReadSeeker(off int64) (io.ReadSeeker, error) {
	var rs io.ReadSeeker
	if s.b.whole != nil {
		rs = bytes.NewReader(s.b.whole)
	} else {
		rs = io.NewSectionReader(s.b, 0, s.b.Size())
	}
	_, err := rs.Seek(off, io.SeekStart)
	return rs, err
}
