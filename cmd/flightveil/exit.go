package main

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"github.com/spf13/cobra"
)

// The exit codes of every command.
const (
	exitOK          = 0
	exitError       = 1
	exitUsage       = 2
	exitIncomplete  = 3
	exitFound       = 4
	exitInterrupted = 130
)

const exitCodes = `

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 finished, but some inputs were
refused or failed (each is named); 4 --fail-on or verify found something;
130 interrupted.`

var (
	// errIncomplete ends a run in which some inputs were refused or failed.
	// They were named already, so it prints nothing.
	errIncomplete = errors.New("some inputs were refused or failed")
	// errFound ends a run whose --fail-on or verify found something.
	errFound = errors.New("something was found")
)

func isQuiet(err error) bool { return errors.Is(err, errIncomplete) || errors.Is(err, errFound) }

// usageError is a mistake on the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// usage marks the errors of an argument check as usage errors.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{err}
		}
		return nil
	}
}

// hintError is an error with advice on what to do next.
type hintError struct {
	error
	hints []string
}

func (e hintError) Unwrap() error { return e.error }

func withHint(err error, hints ...string) error { return hintError{err, hints} }

func exitCode(err error) int {
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, new(usageError)):
		return exitUsage
	case errors.Is(err, errFound):
		return exitFound
	case errors.Is(err, errIncomplete):
		return exitIncomplete
	}
	return exitError
}

// hints says what to do about err.
func hints(err error) []string {
	var h hintError
	switch {
	case errors.As(err, &h):
		return h.hints
	case errors.Is(err, context.Canceled):
		return []string{"files that were written are complete; run the command again for the rest"}
	case errors.Is(err, syscall.ENOSPC):
		return []string{"the disk is full: free some space or write elsewhere with -o, then run the command again"}
	case errors.Is(err, fs.ErrPermission):
		return []string{"check who may read the input and write the output folder"}
	case errors.As(err, new(usageError)):
		return []string{"flightveil help lists the commands, flightveil COMMAND --help their flags"}
	}
	return nil
}
