package bmff

import (
	"encoding/binary"

	"flightveil/internal/input"
)

// ExifOffset returns where the TIFF header lies in item, the data of an Exif
// item of HEIF (ISO/IEC 23008-12, A.2.1) or of an Exif box of JPEG XL: four
// bytes that say how many more come before the header. Writers disagree about
// those, so the header is also looked for where it usually is. ok is false if
// there is none.
func ExifOffset(item input.Input) (off int64, ok bool, err error) {
	const field, mark, header = 4, 6, 8
	b, err := input.ReadRange(item, 0, min(field, item.Size()), field)
	if err != nil || len(b) < field {
		return 0, false, err
	}
	for _, off := range []int64{field + int64(binary.BigEndian.Uint32(b)), field, field + mark, 0, mark} {
		if off > item.Size()-header {
			continue
		}
		h, err := input.ReadRange(item, off, field, field)
		if err != nil {
			return 0, false, err
		}
		if s := string(h); s == "II*\x00" || s == "MM\x00*" || s == "II+\x00" || s == "MM\x00+" {
			return off, true, nil
		}
	}
	return 0, false, nil
}
