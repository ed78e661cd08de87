package input

import (
	"fmt"
	"io"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
)

// A Meter refuses reads while the program holds more memory than it may. What
// holds much has read much, so a file that needs too much becomes an error that
// wraps [ErrLimit], and not the end of the program. The zero value and nil
// refuse nothing. Several goroutines may use it.
type Meter struct {
	Max int64 // bytes of live objects; 0 means no bound

	mu sync.Mutex // held while memory is collected
}

// looks is how many reads of a file come between two looks at the memory; the
// first read is one.
const looks = 32

// Of returns in, metered.
func (m *Meter) Of(in Input) Input {
	if m == nil || m.Max <= 0 {
		return in
	}
	return &metered{Input: in, m: m}
}

// check fails if there is too much that is in use.
func (m *Meter) check() error {
	if held() <= uint64(m.Max) {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if held() > uint64(m.Max) {
		runtime.GC() // not all of it may be in use
	}
	if held() <= uint64(m.Max) {
		return nil
	}
	return fmt.Errorf("more than %d MB of memory would be needed (GOMEMLIMIT says how much there is): %w", max(1, m.Max>>20), ErrLimit)
}

// held is how much memory objects have, those not yet collected included.
func held() uint64 {
	s := [1]metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s[:])
	return s[0].Value.Uint64()
}

type metered struct {
	Input
	m     *Meter
	reads atomic.Uint32
}

func (in *metered) ReadAt(p []byte, off int64) (int, error) {
	if in.reads.Add(1)%looks == 1 {
		if err := in.m.check(); err != nil {
			return 0, err
		}
	}
	return in.Input.ReadAt(p, off)
}

// Outer returns what is metered, as [io.SectionReader.Outer] does.
func (in *metered) Outer() (r io.ReaderAt, off, n int64) { return in.Input, 0, in.Size() }
