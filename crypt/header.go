package crypt

import (
	"bufio"
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
)

// A header is the part of an age file before its payload (c2sp.org/age, section
// "Header"): who can unwrap the file key, and a MAC under that key.
type header struct {
	stanzas []*age.Stanza
	mac     []byte
}

// Limits of a header, those of age 1.3.2.
const (
	maxHeader      = 2 << 20
	maxStanzas     = 1024
	maxStanzaWords = 129 // the type and 128 arguments
)

const (
	headerIntro = "age-encryption.org/v1\n"
	stanzaMark  = "->"
	macMark     = "---"
	bodyColumns = 64
	bodyLine    = bodyColumns / 4 * 3
	fileKeySize = 16
)

var (
	strict64  = base64.RawStdEncoding.Strict()
	errHeader = errors.New("not a valid age header")
)

// readHeader reads the header that r begins with, and not a byte more of r's
// content. It returns its length, too.
func readHeader(r *bufio.Reader) (*header, int, error) {
	l := lineReader{r: r}
	if line, err := l.next(); err != nil {
		return nil, 0, err
	} else if line != strings.TrimSuffix(headerIntro, "\n") {
		return nil, 0, fmt.Errorf("%w: it does not begin like one", errHeader)
	}
	h := &header{}
	for {
		line, err := l.next()
		if err != nil {
			return nil, 0, err
		}
		words := strings.Split(line, " ")
		switch {
		case words[0] == macMark && len(words) == 2:
			if h.mac, err = decode64(words[1]); err != nil || len(h.mac) != sha256.Size {
				return nil, 0, fmt.Errorf("%w: malformed MAC", errHeader)
			}
			if len(h.stanzas) == 0 {
				return nil, 0, fmt.Errorf("%w: nobody can open it", errHeader)
			}
			return h, l.n, nil
		case words[0] != stanzaMark || len(words) < 2 || len(words)-1 > maxStanzaWords || !validWords(words[1:]):
			return nil, 0, fmt.Errorf("%w: malformed stanza", errHeader)
		case len(h.stanzas) == maxStanzas:
			return nil, 0, fmt.Errorf("%w: more than %d stanzas", errHeader, maxStanzas)
		}
		s := &age.Stanza{Type: words[1], Args: words[2:]}
		for n := bodyLine; n == bodyLine; {
			line, err := l.next()
			if err != nil {
				return nil, 0, err
			}
			b, err := decode64(line)
			if n = len(b); err != nil || n > bodyLine {
				return nil, 0, fmt.Errorf("%w: malformed body of a stanza", errHeader)
			}
			s.Body = append(s.Body, b...)
		}
		h.stanzas = append(h.stanzas, s)
	}
}

// A lineReader reads lines within the limit of a header.
type lineReader struct {
	r *bufio.Reader
	n int
}

func (l *lineReader) next() (string, error) {
	var line []byte
	for {
		part, err := l.r.ReadSlice('\n')
		if l.n += len(part); l.n > maxHeader {
			return "", fmt.Errorf("%w: longer than 2 MiB", errHeader)
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return string(line[:len(line)-1]), nil
		case err == io.EOF:
			return "", fmt.Errorf("%w: it ends early", errHeader)
		case err != bufio.ErrBufferFull:
			return "", err
		}
	}
}

// decode64 decodes canonical base64 without padding. Go's decoder skips line
// breaks, so they are refused first.
func decode64(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, errHeader
	}
	return strict64.DecodeString(s)
}

// validWords: arguments are of visible ASCII characters, at least one.
func validWords(words []string) bool {
	for _, w := range words {
		if w == "" {
			return false
		}
		for i := range len(w) {
			if w[i] < 33 || w[i] > 126 {
				return false
			}
		}
	}
	return true
}

// open is what the MAC covers: all up to and including the three dashes.
func (h *header) open() []byte {
	var b bytes.Buffer
	b.WriteString(headerIntro)
	for _, s := range h.stanzas {
		b.WriteString(stanzaMark + " " + strings.Join(append([]string{s.Type}, s.Args...), " ") + "\n")
		text := strict64.EncodeToString(s.Body)
		for ; len(text) >= bodyColumns; text = text[bodyColumns:] {
			b.WriteString(text[:bodyColumns] + "\n")
		}
		b.WriteString(text + "\n") // a short line ends the body, if need be an empty one
	}
	b.WriteString(macMark)
	return b.Bytes()
}

// encode returns the header as it stands in a file.
func (h *header) encode() []byte {
	return append(h.open(), " "+strict64.EncodeToString(h.mac)+"\n"...)
}

// sign computes the MAC under the file key.
func (h *header) sign(fileKey []byte) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, fileKey, nil, "header", sha256.Size)
	if err != nil {
		return nil, err
	}
	m := hmac.New(sha256.New, key)
	m.Write(h.open())
	return m.Sum(nil), nil
}

// fileKey unwraps the file key with one of ids. The caller clears it.
func (h *header) fileKey(ids ...Identity) ([]byte, error) {
	key, err := age.DecryptHeader(h.encode(), ids...)
	return key, opened(err)
}

// newHeader wraps fileKey to recipients, under the rules of age: labels must
// agree (post-quantum and classic recipients do not mix), and a passphrase
// stands alone.
func newHeader(fileKey []byte, to ...Recipient) (*header, error) {
	if len(to) == 0 {
		return nil, errors.New("nobody to seal it to")
	}
	h := &header{}
	var labels string
	for i, r := range to {
		var stanzas []*age.Stanza
		var l []string
		var err error
		if lr, ok := r.(age.RecipientWithLabels); ok {
			stanzas, l, err = lr.WrapWithLabels(fileKey)
		} else {
			stanzas, err = r.Wrap(fileKey)
		}
		if err != nil {
			return nil, err
		}
		joined := strings.Join(sorted(l), "\n")
		if i > 0 && joined != labels {
			return nil, ErrMixed
		}
		labels = joined
		for _, s := range stanzas {
			if !validWords(append([]string{s.Type}, s.Args...)) {
				return nil, fmt.Errorf("%w: malformed stanza", errHeader)
			}
			h.stanzas = append(h.stanzas, s)
		}
	}
	var err error
	h.mac, err = h.sign(fileKey)
	return h, err
}

// ErrMixed is wrapped when recipients cannot be used together.
var ErrMixed = errors.New("these recipients cannot be mixed: a post-quantum one beside a classic one would protect nothing, and a passphrase stands alone")
