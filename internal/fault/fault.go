// Package fault turns a panic over one file into an error about that file. A
// panic is a bug all the same; but the other files are not to suffer.
package fault

import (
	"bytes"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
)

// ErrInternal is wrapped by the errors that were panics.
var ErrInternal = errors.New("internal error, please report it")

// Guard runs work for one file. A panic in it becomes an error that names the
// place in the program, never what the panic said: that may hold a value of
// the file.
func Guard(work func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %s", ErrInternal, place(debug.Stack()))
		}
	}()
	return work()
}

// place returns the first line of a stack trace that lies in flightveil's own
// code below the panic, without arguments.
func place(stack []byte) string {
	_, below, _ := bytes.Cut(stack, []byte("panic("))
	for line := range strings.Lines(string(below)) {
		line = strings.TrimSpace(line)
		if name, _, ok := strings.Cut(line, "("); ok && strings.HasPrefix(line, "flightveil/") {
			return name
		}
	}
	return "unknown place"
}
