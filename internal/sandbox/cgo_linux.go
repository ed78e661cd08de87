//go:build linux && cgo

package sandbox

const cgo = true
