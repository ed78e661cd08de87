//go:build !linux && !darwin && !freebsd && !windows

package disk

import "errors"

// Space is not known on this system.
func (d *Dir) Space() (Space, error) { return Space{}, errors.ErrUnsupported }
