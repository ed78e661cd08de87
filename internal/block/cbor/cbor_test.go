package cbor_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"flightveil/internal/block/cbor"
	"flightveil/internal/input"
)

func unhex(t testing.TB, s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The examples of RFC 8949, appendix A.
func TestExamples(t *testing.T) {
	for in, want := range map[string]string{
		"00": "0", "17": "23", "1818": "24", "1903e8": "1000", "1b000000e8d4a51000": "1000000000000", "1bffffffffffffffff": "18446744073709551615",
		"3bffffffffffffffff": "-18446744073709551616", "20": "-1", "3863": "-100", "f93c00": "1", "f9c400": "-4", "f90001": "5.960464477539063e-08",
		"f97bff": "65504", "f97c00": "+Inf", "f97e00": "NaN", "fa47c35000": "100000", "fb3ff199999999999a": "1.1", "f4": "false", "f5": "true", "f6": "null", "f7": "undefined",
		"f0": "simple 16", "f8ff": "simple 255", "60": "", "6161": "a", "62c3bc": "ü", "7f657374726561646d696e67ff": "streaming",
		"c074323031332d30332d32315432303a30343a30305a": "2013-03-21T20:04:00Z",
	} {
		leaves, err := cbor.Leaves(unhex(t, in), input.Limits{})
		if err != nil || len(leaves) != 1 || leaves[0].Text != want {
			t.Errorf("%s: %v %v, want %q", in, leaves, err, want)
		}
	}
	leaves, err := cbor.Leaves(unhex(t, "5f42010243030405ff"), input.Limits{})
	if err != nil || len(leaves) != 1 || !bytes.Equal(leaves[0].Raw, []byte{1, 2, 3, 4, 5}) || leaves[0].Kind != cbor.Bytes {
		t.Error(leaves, err)
	}
}

func TestPaths(t *testing.T) {
	// {"a": 1, "b": [2, {"c": h'05'}], 3: {_ "d": 1(0)}} twice, then padding
	m := "a3 6161 01 6162 82 02 a1 6163 4105 03 bf 6164 c1 00 ff"
	leaves, err := cbor.Leaves(unhex(t, m+m+"0000"), input.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range leaves {
		got = append(got, strings.Join(l.Path, "/")+"="+l.Text)
	}
	want := []string{"a=1", "b=2", "b/c=", "3/d=0"}
	if want = append(want, want...); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if leaves[2].Kind != cbor.Bytes || leaves[2].Span != (input.Span{Off: 11, Len: 2}) || leaves[3].Tag != 1 || leaves[0].Tag != 0 {
		t.Errorf("%+v", leaves)
	}
	leaves, err = cbor.Leaves(unhex(t, "d2 84 41aa a1 05 06 f6 41bb"), input.Limits{})
	if err != nil || len(leaves) != 4 || leaves[0].Path[0] != "item0" || strings.Join(leaves[1].Path, "/") != "item1/5" || leaves[3].Path[0] != "item3" {
		t.Error(leaves, err)
	}
}

func TestBroken(t *testing.T) {
	for _, in := range []string{"18", "6261", "82", "8201", "a161", "bf", "9f", "9f01", "ff", "1f", "df", "5f6161ff", "1c", "a1f401", "7f7f6161ffff", "5b7fffffffffffffff00", "9bffffffffffffffff"} {
		if l, err := cbor.Leaves(unhex(t, in), input.Limits{}); err == nil {
			t.Errorf("%s is read as %v", in, l)
		}
	}
	for _, in := range []string{strings.Repeat("81", 40) + "00", strings.Repeat("c1", 40) + "00", strings.Repeat("a101", 40) + "00"} {
		if _, err := cbor.Leaves(unhex(t, in), input.Limits{}); !errors.Is(err, input.ErrLimit) {
			t.Errorf("depth: %v", err)
		}
	}
	if _, err := cbor.Leaves(bytes.Repeat([]byte{1}, 100), input.Limits{Items: 50}); !errors.Is(err, input.ErrLimit) {
		t.Errorf("items: %v", err)
	}
}

func FuzzLeaves(f *testing.F) {
	f.Add(unhex(f, "a3 6161 01 6162 82 02 a1 6163 4105 03 bf 6164 c1 00 ff"))
	f.Add(unhex(f, "7f657374726561646d696e67ff f97e00 fb3ff199999999999a"))
	f.Fuzz(func(t *testing.T, b []byte) {
		leaves, _ := cbor.Leaves(b, input.Limits{})
		end := int64(0)
		for _, l := range leaves {
			if l.Span.Off < end || l.Span.End() > int64(len(b)) || int64(len(l.Raw)) > l.Span.Len {
				t.Fatalf("%+v", l)
			}
			end = l.Span.End()
		}
	})
}
