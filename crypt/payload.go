package crypt

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"

	"golang.org/x/crypto/chacha20poly1305"
)

// The payload of an age file (c2sp.org/age, section "Payload"): a nonce, and
// chunks of 64 KiB, each sealed by itself with ChaCha20-Poly1305. age's own
// writer is one goroutine with buffers of its own; this one lets several work on
// a file, and copies nothing. What it writes is compared with age's vectors, and
// opened by age, in the tests.
const (
	chunkSize    = 64 << 10
	tagSize      = chacha20poly1305.Overhead
	payloadNonce = 16
)

// newFileKey returns the key that one file, and no other, is sealed with.
func newFileKey() []byte { return randomBytes(fileKeySize) }

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails: crypto/rand ends the program instead
	return b
}

// payloadCipher derives what seals the chunks behind a nonce.
func payloadCipher(fileKey, nonce []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, fileKey, nonce, "payload", chacha20poly1305.KeySize)
	if err != nil {
		return nil, err
	}
	return chacha20poly1305.New(key)
}

// chunkNonce is the number of a chunk in 11 bytes, and whether it is the last.
func chunkNonce(n uint64, last bool) (nonce [chacha20poly1305.NonceSize]byte) {
	binary.BigEndian.PutUint64(nonce[3:11], n)
	if last {
		nonce[len(nonce)-1] = 1
	}
	return nonce
}

// sealChunks appends plain, sealed, to dst. plain begins at chunk first; unless
// it ends the payload it is of whole chunks. Only an empty payload has an empty
// chunk.
func sealChunks(dst []byte, c cipher.AEAD, first uint64, plain []byte, last bool) []byte {
	dst = slices.Grow(dst, len(plain)+(len(plain)/chunkSize+1)*tagSize) // Seal would grow it for each chunk anew
	for n := first; ; n++ {
		chunk := plain[:min(len(plain), chunkSize)]
		plain = plain[len(chunk):]
		nonce := chunkNonce(n, last && len(plain) == 0)
		dst = c.Seal(dst, nonce[:], chunk, nil)
		if len(plain) == 0 {
			return dst
		}
	}
}

// sealSmall returns the nonce and payload of a file.
func sealSmall(fileKey, plain []byte) ([]byte, error) {
	nonce := randomBytes(payloadNonce)
	c, err := payloadCipher(fileKey, nonce)
	if err != nil {
		return nil, err
	}
	return sealChunks(nonce, c, 0, plain, true), nil
}

// openSmall opens what sealSmall returned.
func openSmall(fileKey, sealed []byte) ([]byte, error) {
	if len(sealed) < payloadNonce+tagSize {
		return nil, damage{errors.New("it ends early")}
	}
	c, err := payloadCipher(fileKey, sealed[:payloadNonce])
	if err != nil {
		return nil, err
	}
	plain := make([]byte, 0, len(sealed))
	rest := sealed[payloadNonce:]
	for n := uint64(0); ; n++ {
		chunk := rest[:min(len(rest), chunkSize+tagSize)]
		rest = rest[len(chunk):]
		nonce := chunkNonce(n, len(rest) == 0)
		if plain, err = c.Open(plain, nonce[:], chunk, nil); err != nil {
			return nil, damage{err}
		}
		if len(rest) == 0 {
			return plain, nil
		}
	}
}

// sealedSize is the length of an age file with a header of h bytes: a nonce, and
// 16 bytes for each 64 KiB, one at least.
func sealedSize(size, h int64) int64 {
	return h + payloadNonce + size + max(1, (size+chunkSize-1)/chunkSize)*tagSize
}
