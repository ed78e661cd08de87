//go:build !unix

package main

import "time"

var started = time.Now()

func processorTime() time.Duration { return time.Since(started) }
