//go:build !unix

package sandbox

func inheritedSockets() []string { return nil }
