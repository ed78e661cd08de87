// Package all lists the log formats the toolkit knows.
package all

import (
	"flightveil/internal/input"
	"flightveil/logfmt"
)

// Formats returns every log format. Adding a format adds one line here.
func Formats() *input.Registry[logfmt.Format] {
	return input.NewRegistry[logfmt.Format]()
}
