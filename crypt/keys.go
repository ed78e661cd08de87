package crypt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"
)

// MaxWorkFactor bounds what a passphrase may cost to try: 2^20 is 1 GiB of
// memory and some seconds. age itself writes 2^18.
const MaxWorkFactor = 20

// ParseRecipient reads a public key: age1… or age1pq1….
func ParseRecipient(s string) (Recipient, error) {
	rs, err := age.ParseRecipients(strings.NewReader(s))
	if err != nil || len(rs) != 1 || strings.HasPrefix(s, "#") {
		return nil, errors.New("not a public key of age (age1… or age1pq1…)")
	}
	return rs[0], nil
}

// ReadRecipients reads public keys, one a line.
func ReadRecipients(r io.Reader) ([]Recipient, error) { return age.ParseRecipients(r) }

// RecipientOf returns the text of a recipient, empty for a passphrase.
func RecipientOf(r Recipient) string {
	if s, ok := r.(fmt.Stringer); ok {
		return s.String()
	}
	return ""
}

// Distinct drops recipients that are named more than once: two of the same key
// are no spare key.
func Distinct(to []Recipient) []Recipient {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(to), func(r Recipient) bool {
		text := RecipientOf(r)
		again := text != "" && seen[text]
		seen[text] = true
		return again
	})
}

// Passphrase returns the recipient that seals with a passphrase.
func Passphrase(p string) (Recipient, error) { return age.NewScryptRecipient(p) }

// PassphraseIdentity returns the identity that opens what a passphrase sealed,
// within [MaxWorkFactor].
func PassphraseIdentity(p string) (Identity, error) {
	id, err := age.NewScryptIdentity(p)
	if err != nil {
		return nil, err
	}
	id.SetMaxWorkFactor(MaxWorkFactor)
	return id, nil
}

// A Key is a new identity.
type Key struct {
	Secret, Public string
}

// NewKey makes an identity: X25519, or a hybrid one that quantum computers do
// not open either.
func NewKey(quantumSafe bool) (Key, error) {
	if quantumSafe {
		id, err := age.GenerateHybridIdentity()
		if err != nil {
			return Key{}, err
		}
		return Key{id.String(), id.Recipient().String()}, nil
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return Key{}, err
	}
	return Key{id.String(), id.Recipient().String()}, nil
}

// File returns the key as a file, in the form age-keygen writes.
func (k Key) File(created time.Time) []byte {
	return fmt.Appendf(nil, "# created: %s\n# public key: %s\n%s\n", created.Format(time.RFC3339), k.Public, k.Secret)
}

// identity returns the key as what opens files.
func (k Key) identity() (Identity, Recipient, error) {
	ids, err := age.ParseIdentities(strings.NewReader(k.Secret))
	if err != nil {
		return nil, nil, err
	}
	to, err := PublicOf(ids[0])
	return ids[0], to, err
}

// PublicOf returns the recipient of an identity.
func PublicOf(id Identity) (Recipient, error) {
	switch id := id.(type) {
	case *age.X25519Identity:
		return id.Recipient(), nil
	case *age.HybridIdentity:
		return id.Recipient(), nil
	}
	return nil, errors.New("this kind of key has no public half")
}

// maxKeyFile bounds what is read of a file with keys.
const maxKeyFile = 1 << 20

// ReadIdentities reads a file of secret keys. If it is sealed with a passphrase,
// ask is called for that, once.
func ReadIdentities(r io.Reader, ask func() (string, error)) ([]Identity, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxKeyFile+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxKeyFile {
		return nil, errors.New("too long for a file of keys")
	}
	var sealed io.Reader
	switch {
	case bytes.HasPrefix(b, []byte(headerIntro)):
		sealed = bytes.NewReader(b)
	case bytes.HasPrefix(bytes.TrimSpace(b), []byte(armor.Header)):
		sealed = armor.NewReader(bytes.NewReader(b))
	default:
		return parseIdentities(b)
	}
	phrase, err := ask()
	if err != nil {
		return nil, err
	}
	id, err := PassphraseIdentity(phrase)
	if err != nil {
		return nil, err
	}
	plain, err := age.Decrypt(sealed, id)
	if err != nil {
		return nil, opened(err)
	}
	if b, err = io.ReadAll(io.LimitReader(plain, maxKeyFile)); err != nil {
		return nil, opened(err)
	}
	return parseIdentities(b)
}

func parseIdentities(b []byte) ([]Identity, error) {
	ids, err := age.ParseIdentities(bytes.NewReader(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))))
	if err != nil {
		return nil, errors.New("no file of secret keys that can be read here (AGE-SECRET-KEY-1…; not SSH keys, not plugins)")
	}
	return ids, nil
}

// Seal writes an age file: all of src, sealed to recipients.
func Seal(dst io.Writer, src io.Reader, to ...Recipient) error {
	w, err := age.Encrypt(dst, to...)
	if err != nil {
		return mixed(err)
	}
	if _, err := io.Copy(w, src); err != nil {
		return err
	}
	return w.Close()
}

// Unseal writes what an age file holds, armored or not. Nothing that was
// written may be used unless the error is nil.
func Unseal(dst io.Writer, src io.Reader, ids ...Identity) error {
	r, err := age.Decrypt(src, ids...)
	if err != nil {
		return opened(err)
	}
	if _, err := io.Copy(dst, r); err != nil {
		return damage{err}
	}
	return nil
}

// mixed puts age's error about recipients into our words.
func mixed(err error) error {
	if strings.Contains(err.Error(), "incompatible recipients") {
		return ErrMixed
	}
	return err
}

// sealBytes and unsealBytes are for small files.
func sealBytes(b []byte, to ...Recipient) ([]byte, error) {
	var out bytes.Buffer
	err := Seal(&out, bytes.NewReader(b), to...)
	return out.Bytes(), err
}

func unsealBytes(b []byte, max int64, ids ...Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(b), ids...)
	if err != nil {
		return nil, opened(err)
	}
	out, err := io.ReadAll(io.LimitReader(r, max+1))
	if err != nil {
		return nil, damage{err}
	}
	if int64(len(out)) > max {
		return nil, fmt.Errorf("more than %d bytes", max)
	}
	return out, nil
}
