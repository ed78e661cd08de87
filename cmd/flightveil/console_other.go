//go:build !windows

package main

import "io"

// waitForEnter is for Windows, where a dropped file opens a console of its own.
func waitForEnter([]string, io.Reader, io.Writer) {}
