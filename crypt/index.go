package crypt

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// An Entry is one file of a vault.
type Entry struct {
	Path   string // where it was on the card, with slashes
	From   string // its path on the card, if another file had that already
	Name   string // the sealed file, below the vault
	Size   int64
	Mod    time.Time
	Hash   uint64 // XXH64 of the content
	SHA256 string // of the content, in hex, once it was verified in full
	Sealed int64  // bytes of the sealed file
	Sum    uint64 // XXH64 of the sealed file
}

// Card is the path the file had on the card.
func (e Entry) Card() string {
	if e.From != "" {
		return e.From
	}
	return e.Path
}

// Info is what the index says of the vault itself.
type Info struct {
	ID         string
	Tool       string    // what wrote it
	Made       time.Time // when
	CardKey    bool      // files are sealed to a key of the vault's own
	KeepNames  bool      // sealed files have the names of the originals
	Recipients []string  // who can read it; no passphrases
}

// The index is text: a line of JSON for the vault and one for each file. Times
// are UTC; hashes are hexadecimal. Names on cards need not be UTF-8: such a path
// is in path_base64 instead.
type lineJSON struct {
	Type       string   `json:"type"` // "vault" or "file"
	Version    int      `json:"version,omitempty"`
	ID         string   `json:"id,omitempty"`
	Tool       string   `json:"tool,omitempty"`
	Made       string   `json:"made,omitempty"`
	CardKey    bool     `json:"card_key,omitempty"`
	KeepNames  bool     `json:"keep_names,omitempty"`
	Recipients []string `json:"recipients,omitempty"`

	Path       string `json:"path,omitempty"`
	PathBytes  []byte `json:"path_base64,omitempty"`
	From       string `json:"card_path,omitempty"`
	FromBytes  []byte `json:"card_path_base64,omitempty"`
	Name       string `json:"name,omitempty"`
	NameBytes  []byte `json:"name_base64,omitempty"`
	Size       int64  `json:"size"`
	Mod        string `json:"mtime,omitempty"`
	Hash       string `json:"xxh64,omitempty"`
	SHA256     string `json:"sha256,omitempty"`
	SealedSize int64  `json:"sealed_size,omitempty"`
	SealedHash string `json:"sealed_xxh64,omitempty"`
}

const (
	indexVersion = 1
	maxIndexLine = 4 << 20 // post-quantum recipients are 2 kB each
	maxEntries   = 5_000_000
	timeLayout   = time.RFC3339Nano
)

func hex64(v uint64) string { return fmt.Sprintf("%016x", v) }

// split puts a name into the field it fits.
func split(name string) (string, []byte) {
	if utf8.ValidString(name) {
		return name, nil
	}
	return "", []byte(name)
}

func joined(text string, raw []byte) string {
	if len(raw) > 0 {
		return string(raw)
	}
	return text
}

func (e Entry) line() lineJSON {
	l := lineJSON{Type: "file", Size: e.Size, Hash: hex64(e.Hash), SHA256: e.SHA256, SealedSize: e.Sealed, SealedHash: hex64(e.Sum)}
	if !e.Mod.IsZero() {
		l.Mod = e.Mod.UTC().Format(timeLayout)
	}
	l.Path, l.PathBytes = split(e.Path)
	l.From, l.FromBytes = split(e.From)
	l.Name, l.NameBytes = split(e.Name)
	return l
}

func (i Info) line() lineJSON {
	return lineJSON{Type: "vault", Version: indexVersion, ID: i.ID, Tool: i.Tool, Made: i.Made.UTC().Format(time.RFC3339), CardKey: i.CardKey, KeepNames: i.KeepNames, Recipients: i.Recipients}
}

func (l lineJSON) encode() []byte {
	b, err := json.Marshal(l)
	if err != nil {
		panic(err) // only strings and numbers are marshalled
	}
	return append(b, '\n')
}

var errIndex = errors.New("the index makes no sense")

// entry checks a line and returns its file. Whoever knows a public key can seal
// an index to it, so it is read like any file from outside.
func (l lineJSON) entry() (Entry, error) {
	e := Entry{Path: joined(l.Path, l.PathBytes), From: joined(l.From, l.FromBytes), Name: joined(l.Name, l.NameBytes), Size: l.Size, SHA256: l.SHA256, Sealed: l.SealedSize}
	if !localPath(e.Path) || e.From != "" && !localPath(e.From) || !localPath(e.Name) || !strings.HasPrefix(e.Name, dataFolder+"/") || !strings.HasSuffix(e.Name, sealedSuffix) {
		return e, fmt.Errorf("%w: a name leads elsewhere", errIndex)
	}
	if e.Size < 0 || e.Sealed < 0 || len(e.SHA256) > 64 {
		return e, fmt.Errorf("%w: a size below zero", errIndex)
	}
	var err error
	if l.Mod != "" {
		if e.Mod, err = time.Parse(timeLayout, l.Mod); err != nil {
			return e, fmt.Errorf("%w: not a time", errIndex)
		}
	}
	for _, h := range []struct {
		text string
		to   *uint64
	}{{l.Hash, &e.Hash}, {l.SealedHash, &e.Sum}} {
		if *h.to, err = strconv.ParseUint(h.text, 16, 64); err != nil || len(h.text) != 16 {
			return e, fmt.Errorf("%w: not a hash", errIndex)
		}
	}
	return e, nil
}

// localPath reports whether p is a clean relative path that stays where it is.
func localPath(p string) bool {
	return p != "" && p[0] != '/' && path.Clean(p) == p && p != "." && p != ".." && !strings.HasPrefix(p, "../") && !strings.ContainsRune(p, 0)
}

// writeIndex writes the index as text.
func writeIndex(w io.Writer, info Info, entries []Entry) error {
	bw := bufio.NewWriterSize(w, 64<<10)
	if info.CardKey {
		info.Recipients = nil // they are with the key, and change with it
	}
	bw.Write(info.line().encode())
	for _, e := range entries {
		bw.Write(e.line().encode())
	}
	return bw.Flush()
}

// readIndex reads the text of an index.
func readIndex(r io.Reader) (Info, []Entry, error) {
	var info Info
	var entries []Entry
	paths := map[string]bool{}
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 4<<10), maxIndexLine)
	for n := 0; s.Scan(); n++ {
		var l lineJSON
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			return info, nil, fmt.Errorf("line %d: %w: not JSON", n+1, errIndex)
		}
		switch {
		case n == 0 && l.Type == "vault":
			if l.Version != indexVersion {
				return info, nil, errors.New("the index is of a newer flightveil")
			}
			made, err := time.Parse(time.RFC3339, l.Made)
			if err != nil || len(l.Recipients) > maxStanzas {
				return info, nil, fmt.Errorf("line 1: %w", errIndex)
			}
			info = Info{ID: l.ID, Tool: l.Tool, Made: made, CardKey: l.CardKey, KeepNames: l.KeepNames, Recipients: l.Recipients}
		case n > 0 && l.Type == "file":
			e, err := l.entry()
			if err == nil && paths[e.Path] {
				err = fmt.Errorf("%w: a path occurs twice", errIndex)
			}
			if err == nil && len(entries) == maxEntries {
				err = fmt.Errorf("%w: more than %d files", errIndex, maxEntries)
			}
			if err != nil {
				return info, nil, fmt.Errorf("line %d: %w", n+1, err)
			}
			paths[e.Path] = true
			entries = append(entries, e)
		default:
			return info, nil, fmt.Errorf("line %d: %w", n+1, errIndex)
		}
	}
	if err := s.Err(); err != nil {
		return info, nil, damage{err}
	}
	if info.ID == "" {
		return info, nil, fmt.Errorf("%w: it is empty", errIndex)
	}
	sortEntries(entries)
	return info, entries, nil
}

func sortEntries(e []Entry) {
	slices.SortFunc(e, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
}

// sealIndex returns the sealed text of the index.
func sealIndex(info Info, entries []Entry, to ...Recipient) ([]byte, error) {
	var plain bytes.Buffer
	if err := writeIndex(&plain, info, entries); err != nil {
		return nil, err
	}
	return sealBytes(plain.Bytes(), to...)
}
