// Package crypt seals a memory card in a vault and opens it again.
//
// A vault is a folder of plain age v1 files (https://c2sp.org/age), one for each
// file of the card, so that any age program opens it, whatever becomes of this
// one:
//
//	card.key.age   the vault's own identity, sealed to its readers
//	index.age      which file is which, JSON lines, sealed to the vault's identity
//	index.2.age    the same again
//	data/3f/…      the files, sealed to the vault's identity, under random names
//	ascmhl/        checksums of the sealed files (ASC MHL v2.0), for anyone to verify
//	RECOVER.txt    how to open all this with age alone
//
// The format is age's and nothing else. Keys, headers and reading are those of
// filippo.io/age. Three things are done here, with the same primitives: a new
// header before an old payload ([Rewrap]), which hands out one file, or changes
// readers, without touching its data; the payload of large files, whose chunks
// several goroutines seal side by side; and sealing a file key to an X25519
// recipient in half the time. age opens all of it: the tests compare the bytes
// with age's vectors.
//
// The package does not hide how many files there are and how large they are,
// and it cannot take back what somebody could read once.
package crypt

import (
	"errors"

	"filippo.io/age"
)

// A Recipient is who a file is sealed to.
type Recipient = age.Recipient

// An Identity opens what was sealed to its recipient.
type Identity = age.Identity

var (
	// ErrNoMatch is wrapped when no identity opens a file.
	ErrNoMatch = errors.New("none of the keys given opens it")
	// ErrDamaged is wrapped when a sealed file is not what was written.
	ErrDamaged = errors.New("damaged")
	// ErrExists is wrapped when something has the name already.
	ErrExists = errors.New("exists already")
)

// opened explains an error of age: a header nobody matched is not damage.
func opened(err error) error {
	var none *age.NoIdentityMatchError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &none):
		return ErrNoMatch
	case isAsk(err):
		return err
	}
	return damage{err}
}

// damage is an error that also is ErrDamaged.
type damage struct{ err error }

func (d damage) Error() string   { return "damaged: " + d.err.Error() }
func (d damage) Unwrap() []error { return []error{ErrDamaged, d.err} }
