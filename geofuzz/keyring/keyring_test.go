package keyring_test

import (
	"bytes"
	"errors"
	"testing"

	"flightveil/geofuzz"
	"flightveil/geofuzz/keyring"
	"flightveil/internal/geo"
)

func TestKeyring(t *testing.T) {
	k, err := keyring.New()
	if err != nil {
		t.Fatal(err)
	}
	home := geo.Point{Lat: -41.3878725, Lon: -132.4518375}
	n := geofuzz.Near{Key: k.Key, Places: &k.Places, Epsilon: 0.003, Save: func() error { return nil }}
	_, to, err := n.Moor(home)
	if err != nil {
		t.Fatal(err)
	}
	key, err := k.SealKey("right", true)
	if err != nil {
		t.Fatal(err)
	}
	places, err := k.SealPlaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{key, places} {
		if bytes.Contains(b, []byte("41.38")) || bytes.Contains(b, []byte("AGE-SECRET")) || bytes.Contains(b, k.Key) {
			t.Error("a secret stands in a file")
		}
	}
	back, err := keyring.OpenKey(key, "right")
	if err != nil || !bytes.Equal(back.Key, k.Key) || back.Key.ID() != k.Key.ID() {
		t.Fatalf("opening: %v", err)
	}
	back.Places = geofuzz.Places{}
	if err := back.OpenPlaces(places); err != nil {
		t.Fatal(err)
	}
	n.Key, n.Places = back.Key, &back.Places
	if _, again, err := n.Moor(home); err != nil || again != to {
		t.Error("the same place is drawn anew after an export")
	}
	if _, err := keyring.OpenKey(key, "wrong"); !errors.Is(err, keyring.ErrPassphrase) {
		t.Errorf("a wrong passphrase: %v", err)
	}
	if _, err := keyring.OpenKey(key, ""); !errors.Is(err, keyring.ErrPassphrase) {
		t.Errorf("no passphrase: %v", err)
	}
	for _, bad := range [][]byte{nil, []byte("x"), key[:len(key)-1], places} {
		if _, err := keyring.OpenKey(bad, "right"); err == nil {
			t.Error("a damaged key opens")
		}
	}
	other, err := keyring.New()
	if err != nil {
		t.Fatal(err)
	}
	if other.Key.ID() == k.Key.ID() {
		t.Error("two keys have one name")
	}
	if other.OpenPlaces(places) == nil || k.OpenPlaces(places[:len(places)-1]) == nil {
		t.Error("places open with another key, or damaged")
	}
}
