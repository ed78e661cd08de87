package crypt

import (
	"errors"
	"sync"

	"filippo.io/age"
)

// Ask returns the identity of whoever knows a passphrase. ask is called when a
// file is met that was sealed with one, and once only.
func Ask(ask func() (string, error)) Identity { return &asked{ask: sync.OnceValues(ask)} }

type asked struct{ ask func() (string, error) }

func (a *asked) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 || stanzas[0].Type != "scrypt" {
		return nil, age.ErrIncorrectIdentity
	}
	phrase, err := a.ask()
	if err != nil {
		return nil, askError{err}
	}
	id, err := PassphraseIdentity(phrase)
	if err != nil {
		return nil, askError{err}
	}
	return id.Unwrap(stanzas)
}

// askError is why there is no passphrase: no fault of the file.
type askError struct{ error }

func (e askError) Unwrap() error { return e.error }

func isAsk(err error) bool { return errors.As(err, new(askError)) }
