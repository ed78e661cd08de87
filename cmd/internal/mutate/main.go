// Command mutate damages files in ways that depend on nothing but their content
// and a number, and puts what comes of it through everything that flightveil
// does with a file, in this process. It ends with an error if a mutation
// panics, takes longer or more memory than any file may, or makes a message
// tell a value of the file. Run it with -n 0 for the files as they are.
//
//	mutate [-n 10000] [-below 100000] PATH...
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// What one mutation may take. The files are small: real ones take a hundredth.
const (
	maxTime   = 3 * time.Second // of processor time
	maxMemory = 640 << 20       // allocated in all, whatever was freed again
	hung      = 5 * time.Minute // on the clock, of a machine that does other things, too
)

func main() {
	n := flag.Int("n", 10000, "mutations of each file; 0 for the files as they are")
	from := flag.Int("from", 0, "number of the first mutation")
	below := flag.Int64("below", 100_000, "leave out files of this many bytes and more")
	quiet := flag.Bool("q", false, "name only files that are not as they should be")
	flag.Parse()
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(512 << 20)
	bad, err := run(flag.Args(), *from, *n, *below, *quiet)
	if err == nil && bad > 0 {
		err = fmt.Errorf("%d faults", bad)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(paths []string, from, n int, below int64, quiet bool) (bad int, err error) {
	var files []string
	for _, p := range paths {
		err := filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			info, err := d.Info()
			if err == nil && info.Size() < below {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	if len(files) == 0 {
		return 0, fmt.Errorf("no files below %d bytes", below)
	}
	dir, err := scratch()
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	b, err := newBench(dir)
	if err != nil {
		return 0, err
	}
	defer b.close()
	var at atomic.Pointer[string]
	go watch(&at)
	total, started := 0, time.Now()
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			return bad, err
		}
		f := b.file(path, data)
		faults, begun, worst := 0, time.Now(), time.Duration(0)
		for i := from; i <= from+n; i++ {
			if i == from && from > 0 {
				continue // 0 is the file itself
			}
			what := fmt.Sprintf("%s mutation %d", path, i)
			at.Store(&what)
			took, fault := f.try(context.Background(), i)
			worst = max(worst, took)
			total++
			if fault != "" {
				faults++
				fmt.Printf("FAULT %s: %s\n", what, fault)
			}
		}
		bad += faults
		if !quiet || faults > 0 {
			fmt.Printf("%s: %d bytes, %d mutations, %v, slowest %v, %d faults\n", path, len(data), n, time.Since(begun).Round(time.Millisecond), worst.Round(10*time.Microsecond), faults)
		}
	}
	fmt.Printf("%d files, %d runs, %v: %d faults\n", len(files), total, time.Since(started).Round(time.Second), bad)
	return bad, nil
}

// scratch is a folder for what is written, in memory where there is one.
func scratch() (string, error) {
	if dir, err := os.MkdirTemp("/dev/shm", "flightveil-mutate-"); err == nil {
		return dir, nil
	}
	return os.MkdirTemp("", "flightveil-mutate-")
}

// watch ends the program if a mutation never ends, and says which one.
func watch(at *atomic.Pointer[string]) {
	var last *string
	for since := time.Now(); ; time.Sleep(time.Second) {
		if now := at.Load(); now != last {
			last, since = now, time.Now()
		} else if last != nil && time.Since(since) > hung {
			stacks := make([]byte, 1<<20)
			stacks = stacks[:runtime.Stack(stacks, true)]
			fmt.Printf("FAULT %s: does not end\n%s\n", *last, bytes.TrimSpace(stacks))
			os.Exit(1)
		}
	}
}
