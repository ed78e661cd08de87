package pipeline

import (
	"bytes"
	"strings"
)

// panicPlace returns the first line of a stack trace that lies in flightveil's
// own code below the panic, without arguments.
func panicPlace(stack []byte) string {
	_, below, _ := bytes.Cut(stack, []byte("panic("))
	for line := range strings.Lines(string(below)) {
		line = strings.TrimSpace(line)
		if name, _, ok := strings.Cut(line, "("); ok && strings.HasPrefix(line, "flightveil/") {
			return name
		}
	}
	return "unknown place"
}
