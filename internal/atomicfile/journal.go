package atomicfile

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"flightveil/internal/input"
)

// A journal holds bytes as they were: a line, for each span its offset and
// length (uint64, big-endian) and its bytes, then a mark, the length of the
// file, and the SHA-256 of all that. Without the sum it counts as unfinished:
// then nothing was changed yet, or everything was done.
type journal struct {
	medium
	size     int64 // of the journal
	fileSize int64
	records  []record // ascending, apart
}

type record struct {
	input.Span       // in the file
	at         int64 // of its bytes, in the journal
}

const (
	journalHead = "flightveil undo journal 1\n"
	journalMark = ^uint64(0)
	journalTail = 16 + sha256.Size
	recordHead  = 16
	maxRecords  = 1 << 20
)

// errUnfinished means that a journal does not end as it should.
var errUnfinished = errors.New("unfinished journal")

// write saves the bytes of spans of file, which has size bytes, and forces them to disk.
func (j *journal) write(file io.ReaderAt, size int64, spans []input.Span) error {
	if j.fileSize = size; len(spans) > maxRecords {
		return fmt.Errorf("%d places to edit: %w", len(spans), input.ErrLimit)
	}
	sum := sha256.New()
	w := bufio.NewWriterSize(io.MultiWriter(io.NewOffsetWriter(j.medium, 0), sum), 64<<10)
	w.WriteString(journalHead)
	j.size = int64(len(journalHead))
	var end int64
	for _, s := range spans {
		if s.Off < end || s.Len <= 0 || s.Off > size || s.Len > size-s.Off {
			return fmt.Errorf("span of %d bytes at %d is not behind the one before it", s.Len, s.Off)
		}
		end = s.End()
		w.Write(pairOf(uint64(s.Off), uint64(s.Len)))
		if _, err := io.Copy(w, io.NewSectionReader(file, s.Off, s.Len)); err != nil {
			return err
		}
		j.records = append(j.records, record{s, j.size + recordHead})
		j.size += recordHead + s.Len
	}
	w.Write(pairOf(journalMark, uint64(size)))
	if err := w.Flush(); err != nil {
		return err
	}
	if _, err := j.WriteAt(sum.Sum(nil), j.size+recordHead); err != nil {
		return err
	}
	j.size += journalTail
	return j.Sync()
}

func pairOf(a, b uint64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, a), b)
}

// readJournal reads the records of a journal of size bytes and checks its sum.
func readJournal(m medium, size int64) (*journal, error) {
	j := &journal{medium: m, size: size}
	if size < int64(len(journalHead))+journalTail {
		return nil, errUnfinished
	}
	sum, want := sha256.New(), make([]byte, sha256.Size)
	if _, err := io.Copy(sum, io.NewSectionReader(m, 0, size-sha256.Size)); err != nil {
		return nil, err
	}
	if err := input.ReadFull(io.NewSectionReader(m, 0, size), want, size-sha256.Size); err != nil {
		return nil, err
	}
	if !bytes.Equal(sum.Sum(nil), want) {
		return nil, errUnfinished
	}
	in := io.NewSectionReader(m, 0, size)
	for at := int64(len(journalHead)); len(j.records) < maxRecords; {
		b, err := input.ReadRange(in, at, recordHead, recordHead)
		if err != nil {
			return nil, err
		}
		off, n := binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])
		if off == journalMark {
			j.fileSize = int64(n)
			return j, nil
		}
		at += recordHead
		if n > uint64(size-at) || off > 1<<62 {
			break
		}
		j.records = append(j.records, record{input.Span{Off: int64(off), Len: int64(n)}, at})
		at += int64(n)
	}
	return nil, fmt.Errorf("reading the undo journal: %w", input.ErrUnsupported)
}

// from returns the index of the first record that ends behind off.
func (j *journal) from(off int64) int {
	i, _ := slices.BinarySearchFunc(j.records, off, func(r record, off int64) int { return cmp.Compare(r.End()-1, off) })
	return i
}

// holds reports whether all of the n bytes at off were saved.
func (j *journal) holds(off, n int64) bool {
	for i := j.from(off); n > 0; i++ {
		if i == len(j.records) || j.records[i].Off > off {
			return false
		}
		k := min(n, j.records[i].End()-off)
		off, n = off+k, n-k
	}
	return true
}

// overlay puts what was saved over b, the bytes of the file at off.
func (j *journal) overlay(b []byte, off int64) error {
	end := off + int64(len(b))
	for i := j.from(off); i < len(j.records) && j.records[i].Off < end; i++ {
		r := j.records[i]
		from, to := max(off, r.Off), min(end, r.End())
		if err := readAll(j.medium, b[from-off:to-off], r.at+from-r.Off); err != nil {
			return fmt.Errorf("reading the undo journal: %w", err)
		}
	}
	return nil
}

func readAll(r io.ReaderAt, b []byte, off int64) error {
	if n, err := r.ReadAt(b, off); n < len(b) {
		return cmp.Or(err, io.ErrUnexpectedEOF)
	}
	return nil
}

// restore writes what was saved back into file.
func (j *journal) restore(file io.WriterAt) error {
	for _, r := range j.records {
		if _, err := io.Copy(io.NewOffsetWriter(file, r.Off), io.NewSectionReader(j.medium, r.at, r.Len)); err != nil {
			return err
		}
	}
	return nil
}

// wipe overwrites the journal: it holds what was to be removed.
func (j *journal) wipe() error {
	zeros := make([]byte, min(j.size, 64<<10))
	for at := int64(0); at < j.size; {
		n, err := j.WriteAt(zeros[:min(int64(len(zeros)), j.size-at)], at)
		if err != nil {
			return err
		}
		at += int64(n)
	}
	return j.Sync()
}
