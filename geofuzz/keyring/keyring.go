// Package keyring keeps a pilot's key and places encrypted, as age files
// (https://age-encryption.org/v1). The key is encrypted to a passphrase; the
// places to a recipient of their own whose identity lies beside the key, so
// that they can be saved without asking again.
//
// It reads and writes bytes; where they are kept is the caller's affair.
package keyring

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"flightveil/geofuzz"

	"filippo.io/age"
)

// A Keyring is a key and what was done with it.
type Keyring struct {
	Key    geofuzz.Key
	Places geofuzz.Places
	Zones  geofuzz.Zones

	identity *age.X25519Identity // opens the places and zones
}

// Why a keyring does not open.
var (
	ErrPassphrase = errors.New("wrong passphrase")
	ErrDamaged    = errors.New("not a key of flightveil, or damaged")
)

const (
	version = 1
	maxFile = 64 << 20 // bytes of a decrypted file
)

// keyFile is what the encrypted key file holds. Places and zones are there in
// an export only.
type keyFile struct {
	Version  int             `json:"version"`
	Key      []byte          `json:"key"`
	Identity string          `json:"identity"`
	Places   *geofuzz.Places `json:"registry,omitempty"`
	Zones    *geofuzz.Zones  `json:"zones,omitempty"`
}

// New returns a keyring with a fresh key and no places.
func New() (*Keyring, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	k := &Keyring{Key: make(geofuzz.Key, geofuzz.KeySize), identity: id}
	rand.Read(k.Key) // never fails
	return k, nil
}

// SealKey returns the key file. An export has places and zones, too: everything
// that another computer needs to go on.
func (k *Keyring) SealKey(passphrase string, export bool) ([]byte, error) {
	to, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	f := keyFile{Version: version, Key: k.Key, Identity: k.identity.String()}
	if export {
		f.Places, f.Zones = &k.Places, &k.Zones
	}
	return seal(f, to)
}

// OpenKey opens a key file or an export.
func OpenKey(b []byte, passphrase string) (*Keyring, error) {
	id, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, ErrPassphrase // an empty one
	}
	var f keyFile
	if err := open(b, id, &f); err != nil {
		if errors.As(err, new(*age.NoIdentityMatchError)) {
			return nil, ErrPassphrase
		}
		return nil, ErrDamaged
	}
	own, err := age.ParseX25519Identity(f.Identity)
	if err != nil || f.Version != version || len(f.Key) != geofuzz.KeySize {
		return nil, ErrDamaged
	}
	k := &Keyring{Key: f.Key, identity: own}
	if f.Places != nil {
		k.Places = *f.Places
	}
	if f.Zones != nil {
		k.Zones = *f.Zones
	}
	return k, errors.Join(k.Places.Check(), k.Zones.Check())
}

// SealPlaces returns the file of places.
func (k *Keyring) SealPlaces() ([]byte, error) { return seal(k.Places, k.identity.Recipient()) }

// OpenPlaces reads the file of places.
func (k *Keyring) OpenPlaces(b []byte) error {
	var p geofuzz.Places
	if err := open(b, k.identity, &p); err != nil {
		return fmt.Errorf("the registry of places does not belong to this key, or is damaged")
	}
	if err := p.Check(); err != nil {
		return err
	}
	k.Places = p
	return nil
}

// SealZones returns the file of zones.
func (k *Keyring) SealZones() ([]byte, error) { return seal(k.Zones, k.identity.Recipient()) }

// OpenZones reads the file of zones.
func (k *Keyring) OpenZones(b []byte) error {
	var z geofuzz.Zones
	if err := open(b, k.identity, &z); err != nil {
		return fmt.Errorf("the list of zones does not belong to this key, or is damaged")
	}
	if err := z.Check(); err != nil {
		return err
	}
	k.Zones = z
	return nil
}

func seal(v any, to age.Recipient) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func open(b []byte, id age.Identity, v any) error {
	r, err := age.Decrypt(bytes.NewReader(b), id)
	if err != nil {
		return err
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return err
	}
	if len(plain) > maxFile {
		return ErrDamaged
	}
	return json.Unmarshal(plain, v)
}
