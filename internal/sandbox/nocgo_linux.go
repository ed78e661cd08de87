//go:build linux && !cgo

package sandbox

const cgo = false
