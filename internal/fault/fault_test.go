package fault

import (
	"errors"
	"strings"
	"testing"
)

func TestGuard(t *testing.T) {
	err := Guard(func() error { panic("the value S3CRET of a file") })
	if !errors.Is(err, ErrInternal) || strings.Contains(err.Error(), "S3CRET") || !strings.Contains(err.Error(), "flightveil/internal/fault.TestGuard") {
		t.Error(err)
	}
	var list []int
	if err := Guard(func() error { _ = list[len(list)]; return nil }); !errors.Is(err, ErrInternal) {
		t.Error(err)
	}
	if err := Guard(func() error { return errors.ErrUnsupported }); err != errors.ErrUnsupported {
		t.Error(err)
	}
}
