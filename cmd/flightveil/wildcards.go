package main

import (
	"path/filepath"
	"runtime"
	"strings"
)

// expandWildcards does what Unix shells do and the shells of Windows do not:
// it replaces arguments such as *.jpg by the files they match. Flags, and
// patterns that match nothing, stay as they are.
func expandWildcards(args []string) []string {
	if runtime.GOOS != "windows" {
		return args
	}
	return expandArgs(args)
}

func expandArgs(args []string) []string {
	var out []string
	for i, a := range args {
		if strings.HasPrefix(a, "-") || !strings.ContainsAny(a, "*?") || i > 0 && args[i-1] == "-o" {
			out = append(out, a)
			continue
		}
		names, err := filepath.Glob(a)
		if err != nil || len(names) == 0 {
			out = append(out, a)
			continue
		}
		out = append(out, names...)
	}
	return out
}
