package djitxt

import (
	"encoding/binary"
	"errors"
	"fmt"

	"flightveil/internal/input"
)

var le = binary.LittleEndian

// Sizes of section 1 and 2.
const (
	prefixOld    = 12 // up to version 5
	prefixNew    = 100
	detailOldLen = 400
	detailNewLen = 436  // from version 12
	maxDetail    = 1024 // more is no flight record
	newest       = 14
)

// A header is what stands around the records.
type header struct {
	version    byte
	records    int64 // where they begin
	end        int64 // where they end
	cut        bool  // the prefix points behind the end of the file
	detailOff  int64 // of the detail area as its prefix says; 0 if there is none
	detailLen  int64
	size       int64
	department byte   // of the app's maker, for the keychain service
	keyVersion uint16 // of the keychain service

	detail []byte     // plain; nil if there is none
	where  input.Span // of the detail's bytes in the file
}

// headLen returns the length of a record's type and length.
func (h *header) headLen() int {
	if h.version >= 13 {
		return 3
	}
	return 2
}

func (h *header) scrambled() bool { return h.version >= 7 }

// parsePrefix reads the prefix (section 1). It returns false for what cannot
// be one.
func parsePrefix(b []byte, size int64) (*header, bool) {
	if len(b) < prefixOld {
		return nil, false
	}
	h := &header{version: b[10], size: size, end: size, department: 3, keyVersion: 4}
	h.detailLen = int64(le.Uint16(b[8:]))
	off := le.Uint64(b)
	if h.version < 6 {
		off = uint64(le.Uint32(b)) // the other half means nothing yet
	}
	least := int64(detailOldLen)
	if h.version >= 12 {
		least = detailNewLen
	}
	if h.version < 1 || h.version > newest || off > 1<<40 || h.detailLen > maxDetail || h.detailLen < least && off != 0 {
		return nil, false
	}
	h.records, h.detailOff = prefixNew, int64(off)
	switch {
	case h.version < 12:
		if h.version < 6 {
			h.records = prefixOld
		}
		if h.detailOff != 0 && h.detailOff < h.records {
			return nil, false
		}
		if h.detailOff > size {
			h.cut = true
		} else if h.detailOff != 0 {
			h.end = h.detailOff
			h.cut = h.detailLen > size-h.detailOff && size-h.detailOff < 16
		}
	case h.version == 12:
		h.detailOff, h.records = prefixNew, prefixNew+detailNewLen
	default:
		if h.detailOff != 0 && h.detailOff < prefixNew {
			return nil, false
		}
	}
	return h, true
}

// parseBlocks reads the auxiliary blocks of version 13 and later (section 2)
// from the beginning b of the file and says how many there are, two at most.
func (h *header) parseBlocks(b []byte) (n int) {
	off := int64(prefixNew)
	for kind := range byte(2) {
		if off+3 > int64(len(b)) || b[off] != kind {
			return n
		}
		size := int64(le.Uint16(b[off+1:]))
		if size > int64(len(b))-off-3 {
			return n
		}
		body := b[off+3:][:size]
		off += 3 + size
		switch kind {
		case 0: // scrambled: version, length and detail, length and signature
			plain := newScrambler().plain(nil, body, 0)
			if len(plain) < 3 || int(le.Uint16(plain[1:])) > len(plain)-3 || int(le.Uint16(plain[1:])) < detailOldLen {
				return n
			}
			h.detail = plain[3:][:min(le.Uint16(plain[1:]), maxDetail)]
			h.where = input.Span{Off: prefixNew + 3 + 1 + 3, Len: int64(len(h.detail))}
		case 1:
			if size < 3 {
				return n
			}
			h.keyVersion, h.department = le.Uint16(body), body[2]
		}
		n++
	}
	if h.detailOff == 0 {
		h.records = off
	}
	return n
}

var errPrefix = errors.New("the prefix is none of a DJI flight record")

// readHeader reads the prefix and the detail area.
func readHeader(in input.Input) (*header, error) {
	b, err := input.ReadRange(in, 0, min(in.Size(), input.PrefixLen), input.PrefixLen)
	if err != nil {
		return nil, fmt.Errorf("reading the prefix: %w", err)
	}
	h, ok := parsePrefix(b, in.Size())
	if !ok {
		return nil, errPrefix
	}
	if h.version >= 13 {
		if h.detailOff != 0 {
			h.records = h.detailOff
		}
		if n := h.parseBlocks(b); n < 2 && h.detailOff == 0 {
			return nil, errors.New("the auxiliary blocks cannot be read")
		}
	} else if h.detailOff != 0 {
		if err := h.findDetail(in); err != nil {
			return nil, fmt.Errorf("reading the detail area: %w", err)
		}
	}
	h.records = min(h.records, h.size)
	h.end = max(min(h.end, h.size), h.records)
	return h, nil
}

// detailMark stands at byte 87 of every detail area: a checksum that no writer
// computes (section 3).
const detailMark = 12345

// findDetail reads the detail area of versions before 13. Where the file has
// lost or gained bytes, the prefix points beside it: then it is looked for at
// the end, and what does not look like one is not read as one.
func (h *header) findDetail(in input.Input) error {
	length := h.detailLen
	if h.version == 12 {
		length = detailNewLen
	}
	for _, off := range [...]int64{h.detailOff, h.size - length} {
		if off < 0 || off >= h.size || off < h.records && h.version != 12 {
			continue
		}
		b, err := input.ReadRange(in, off, min(length, h.size-off), maxDetail)
		if err != nil {
			return err
		}
		if len(b) < 91 || le.Uint32(b[87:]) != detailMark {
			continue
		}
		h.detail, h.where = b, input.Span{Off: off, Len: int64(len(b))}
		if h.version < 12 {
			h.end = off
		}
		return nil
	}
	return nil
}
