package main

import (
	"bytes"
	"math"
	"os"
	"runtime/debug"
	"strconv"
)

// tuneMemory lets the collector run less often: a file leaves little behind, so
// collecting at every few megabytes costs more time than it saves memory. The
// limit keeps memory flat all the same. GOGC and GOMEMLIMIT win.
func tuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(64 << 20)
	}
}

// enough is what no file needs, unless it was made to need it.
const enough = 1 << 30

// mostMemory is how much the objects of the program may hold before files are
// refused: what GOMEMLIMIT says or, without it, three quarters of what the
// control group of the process may have, a gigabyte at most.
func mostMemory() int64 {
	if os.Getenv("GOMEMLIMIT") != "" {
		if limit := debug.SetMemoryLimit(-1); limit != math.MaxInt64 {
			return limit
		}
	}
	limit := int64(enough)
	if b, err := os.ReadFile(groupLimit); err == nil {
		if n, err := strconv.ParseInt(string(bytes.TrimSpace(b)), 10, 64); err == nil { // or "max"
			limit = min(limit, n/4*3)
		}
	}
	return limit
}

// groupLimit is where Linux tells a container how much memory it has.
const groupLimit = "/sys/fs/cgroup/memory.max"
