package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// maxMemory is what converting or inspecting any log may take.
const maxMemory = 64 << 20

// TestMemoryIsFlat converts and inspects long logs in processes of their own:
// their memory stays below a bound and does not grow with the log. With
// FLIGHTVEIL_BIG=2048 the logs are a tlog of 2048 MB and an SRT of 1024.
func TestMemoryIsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a hundred megabytes")
	}
	big := int64(96)
	if s := os.Getenv("FLIGHTVEIL_BIG"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		big = n
	}
	dir := memoryDir(t)
	for _, c := range []struct {
		name   string
		size   int64 // MB
		append func(b []byte, i int) []byte
	}{{"flight.tlog", big, tlogSecond(t)}, {"video.srt", big / 2, srtCue}} {
		var before [2]int64
		for _, size := range []int64{c.size / 6, c.size} {
			in, out := filepath.Join(dir, c.name), filepath.Join(dir, "out.gpx")
			generate(t, in, size<<20, c.append)
			for i, args := range [][]string{{"convert", "-q", in, "-o", out, "--force"}, {"inspect", "-q", in}} {
				started := time.Now()
				peak := peakOf(t, args)
				t.Logf("%s %s of %d MB: %d MiB, %v", args[0], c.name, size, peak>>20, time.Since(started).Round(10*time.Millisecond))
				if peak > maxMemory {
					t.Errorf("%s %s of %d MB takes %d MiB", args[0], c.name, size, peak>>20)
				}
				if before[i] > 0 && peak > before[i]+16<<20 { // the collector runs now and then
					t.Errorf("%s %s: %d MiB for six times as much, %d MiB before", args[0], c.name, peak>>20, before[i]>>20)
				}
				before[i] = peak
			}
			if fi, err := os.Stat(out); err != nil || fi.Size() < size<<18 {
				t.Errorf("%s: the output is too short to prove anything", c.name)
			}
		}
	}
}

// TestMemoryLimit gives the program hardly any memory: it refuses files, says
// why, and ends as it should.
func TestMemoryLimit(t *testing.T) {
	out := t.TempDir()
	for _, args := range [][]string{
		{"inspect", "../../testdata/card"},
		{"scrub", "../../testdata/card", "-o", out},
		{"convert", "../../logfmt/tlog/testdata/rich.tlog", "-o", filepath.Join(out, "x.gpx")},
	} {
		cmd := flightveil(t, args...)
		cmd.Env = append(os.Environ(), "GOMEMLIMIT=1KiB", "GOGC=off")
		b, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != exitIncomplete || !bytes.Contains(b, []byte("GOMEMLIMIT")) || bytes.Contains(b, []byte("goroutine ")) {
			t.Errorf("%v: %v\n%.2000s", args, err, b)
		}
	}
	if b, err := flightveil(t, "inspect", "-q", "../../testdata/card/DCIM").CombinedOutput(); bytes.Contains(b, []byte("GOMEMLIMIT")) {
		t.Errorf("without a limit: %v\n%.2000s", err, b)
	}
}

// peakOf runs the program and returns the most memory it had. What the system
// says of an ended process counts its parent's memory, too: so it is asked
// while it runs.
func peakOf(t *testing.T, args []string) (peak int64) {
	t.Helper()
	cmd := flightveil(t, args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid)); err == nil && bytes.Contains(b, []byte("Name:\tflightveil")) {
			if _, rest, ok := strings.Cut(string(b), "VmHWM:"); ok {
				if kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64); err == nil {
					peak = max(peak, kb<<10)
				}
			}
		}
		select {
		case err := <-done:
			if err != nil {
				t.Fatalf("%v: %v\n%.2000s", args, err, errs.String())
			}
			if peak == 0 {
				t.Fatal("the system does not say how much memory a process had")
			}
			return peak
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// generate writes a log of size bytes or little more.
func generate(t *testing.T, path string, size int64, appendTo func([]byte, int) []byte) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	var b []byte
	for i, n := 0, int64(0); n < size; i++ {
		b = appendTo(b[:0], i)
		n += int64(len(b))
		w.Write(b)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// tlogSecond appends a second of a flight: the packets of the sample in which
// an autopilot begins, with later times.
func tlogSecond(t *testing.T) func([]byte, int) []byte {
	sample, err := os.ReadFile("../../logfmt/tlog/testdata/rich.tlog")
	if err != nil {
		t.Fatal(err)
	}
	var packets [][]byte
	for range 6 {
		n := 8 + 12 + int(sample[9]) // MAVLink 2 behind a time
		if sample[10]&1 == 1 {
			n += 13
		}
		packets, sample = append(packets, sample[:n]), sample[n:]
	}
	return func(b []byte, i int) []byte {
		for _, p := range packets {
			at := len(b)
			b = append(b, p...)
			binary.BigEndian.PutUint64(b[at:], binary.BigEndian.Uint64(p)+uint64(i)*1e6)
		}
		return b
	}
}

func srtCue(b []byte, i int) []byte {
	ms := i * 20
	clock := func(ms int) string {
		return fmt.Sprintf("%02d:%02d:%02d,%03d", ms/3600e3, ms/60e3%60, ms/1e3%60, ms%1000)
	}
	at := time.Date(2031, 7, 19, 4, 47, 53, 0, time.UTC).Add(time.Duration(ms) * time.Millisecond)
	return fmt.Appendf(b, "%d\n%s --> %s\n<font size=\"28\">FrameCnt: %d, DiffTime: 20ms\n%s\n[iso: 220] [shutter: 1/60.0] [fnum: 280] [ev: 0] [latitude: %.6f] [longitude: %.6f] [rel_alt: %.3f abs_alt: 0.401] [ct: 5115] </font>\n\n",
		i+1, clock(ms), clock(ms+20), i+1, at.Format("2006-01-02 15:04:05.000"), -41.3875+float64(i%100000)*1e-6, -132.4518+float64(i%70000)*1e-6, float64(i%1000)/10)
}
