package xmp

import (
	"strings"
	"testing"

	"flightveil/internal/privacy"
)

// TestTables checks that no table says two things about one name.
func TestTables(t *testing.T) {
	for prefix, rules := range tables {
		seen := map[string]privacy.Class{}
		for class, names := range rules {
			for name := range strings.FieldsSeq(strings.ToLower(names)) {
				if other, ok := seen[name]; ok {
					t.Errorf("%s:%s is %q and %q", prefix, name, class, other)
				}
				seen[name] = class
			}
		}
	}
}
