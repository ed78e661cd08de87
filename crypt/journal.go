package crypt

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"

	"flightveil/internal/disk"
)

// While files are sealed there is no index yet, so a journal says which file is
// which. It has a key of its own, which is kept on the machine that works, and in
// the journal sealed to whoever can open the vault: so the journal tells nobody
// else anything, and the run can be resumed without the reader's key.
//
// The first line names the vault and holds the header of an age file. Each other
// line is a nonce and a payload, in base64: behind that header it is an age file,
// which holds a line like those of the index. So a record costs no public key
// operation. It is written when its file is complete under its .part name, and is
// on disk before the file gets its final name: a sealed file without a record
// does not exist.
type journal struct {
	mu  sync.Mutex
	f   *os.File
	key []byte
	err error
}

const (
	journalName    = ".flightveil-journal"
	journalVersion = 2
	maxRecord      = 4 << 20 // a header of 2 MiB in base64, and what is around it
)

type journalHead struct {
	Journal int    `json:"journal"`
	ID      string `json:"id"`
	Header  []byte `json:"header"`
}

// A begun is the first record: what a resumed run has to know.
type begun struct {
	lineJSON
	Card   string `json:"card"`             // public half of the vault's key
	Adding bool   `json:"adding,omitempty"` // to a finished vault, whose index has files that the journal has not
}

// localKey is the name of the file that holds the journal's key on this machine.
func localKey(id string) string { return id + ".key" }

// startJournal writes a new journal and its key. local may be nil.
func startJournal(dir, local *disk.Dir, info Info, card string, owner []Recipient, adding bool) (*journal, error) {
	key := newFileKey()
	h, err := newHeader(key, owner...)
	if err != nil {
		return nil, err
	}
	if local != nil {
		if err := local.WriteFile(localKey(info.ID), []byte(strict64.EncodeToString(key)+"\n"), neutral); err != nil {
			return nil, fmt.Errorf("keeping the key of the journal: %w", err)
		}
	}
	head, err := json.Marshal(journalHead{journalVersion, info.ID, h.encode()})
	if err != nil {
		return nil, err
	}
	f, err := dir.Create(journalName + disk.PartSuffix)
	if err != nil {
		return nil, err
	}
	j := &journal{f: f, key: key}
	_, err = f.Write(append(head, '\n'))
	if err := errors.Join(err, j.record(begun{info.line(), card, adding}), dir.Replace(f, journalName, neutral)); err != nil {
		return nil, err
	}
	return openJournal(dir, key)
}

// openJournal opens the journal for more records.
func openJournal(dir *disk.Dir, key []byte) (*journal, error) {
	f, err := dir.Append(journalName)
	if err != nil {
		return nil, err
	}
	if err := disk.Lock(f); err != nil {
		f.Close()
		return nil, err
	}
	// A kill may have torn the last line.
	if _, err := f.Write([]byte("\n")); err != nil {
		f.Close()
		return nil, err
	}
	return &journal{f: f, key: key}, nil
}

// record appends v.
func (j *journal) record(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	sealed, err := sealSmall(j.key, b)
	if err != nil {
		return err
	}
	line := append(base64.StdEncoding.AppendEncode(nil, sealed), '\n')
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil {
		_, j.err = j.f.Write(line)
	}
	return j.err
}

func (j *journal) close() error { return j.f.Close() }

// endJournal removes the journal and its key.
func endJournal(dir, local *disk.Dir, id string) error {
	err := dir.Remove(journalName)
	if local != nil {
		err = errors.Join(err, local.Remove(localKey(id)))
	}
	return err
}

// A past is what a journal says.
type past struct {
	info   Info
	card   string
	adding bool
	key    []byte
	done   []Entry
}

// readHead reads the first line of the journal.
func readHead(dir *disk.Dir) (journalHead, *bufio.Scanner, io.Closer, error) {
	var h journalHead
	f, err := dir.OpenFile(journalName)
	if err != nil {
		return h, nil, nil, err
	}
	s := bufio.NewScanner(f)
	s.Buffer(make([]byte, 0, 16<<10), maxRecord)
	if !s.Scan() || json.Unmarshal(s.Bytes(), &h) != nil || h.Journal != journalVersion || strings.ContainsAny(h.ID, "/\\.") || len(h.ID) != 32 {
		f.Close()
		return h, nil, nil, errors.New("the journal cannot be read")
	}
	return h, s, f, nil
}

// readJournal reads what an unfinished run did, with the key that this machine
// keeps or, failing that, with ids. A torn line is skipped: its file has no
// final name.
func readJournal(dir, local *disk.Dir, ids []Identity) (*past, error) {
	h, s, c, err := readHead(dir)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	p := &past{}
	if p.key, err = journalKey(h, local, ids); err != nil {
		return nil, err
	}
	for s.Scan() {
		raw, err := base64.StdEncoding.AppendDecode(nil, s.Bytes())
		if err != nil || len(raw) == 0 {
			continue
		}
		b, err := openSmall(p.key, raw)
		if err != nil {
			continue
		}
		var l begun
		if json.Unmarshal(b, &l) != nil {
			continue
		}
		switch l.Type {
		case "vault":
			p.info = Info{ID: l.ID, Tool: l.Tool, CardKey: l.CardKey, KeepNames: l.KeepNames, Recipients: l.Recipients}
			p.info.Made, _ = parseTime(l.Made)
			p.card, p.adding = l.Card, l.Adding
		case "file":
			if e, err := l.entry(); err == nil {
				p.done = append(p.done, e)
			}
		}
	}
	if p.info.ID != h.ID {
		return nil, errors.New("the journal does not say how it began")
	}
	return p, s.Err()
}

// journalKey finds the key of the journal: on this machine, or in its header.
func journalKey(h journalHead, local *disk.Dir, ids []Identity) ([]byte, error) {
	if local != nil {
		if text, err := readSmall(local, localKey(h.ID)); err == nil {
			if key, err := decode64(strings.TrimSpace(string(text))); err == nil && len(key) == fileKeySize {
				return key, nil
			}
		}
	}
	if len(ids) == 0 {
		return nil, ErrNeedKey
	}
	head, _, err := readHeader(bufio.NewReader(bytes.NewReader(h.Header)))
	if err != nil {
		return nil, fmt.Errorf("the key of the journal: %w", damage{err})
	}
	key, err := head.fileKey(ids...)
	if err != nil {
		return nil, fmt.Errorf("the key of the journal: %w", err)
	}
	return key, nil
}

// ErrNeedKey means that a vault can be continued only with a key that opens it.
var ErrNeedKey = errors.New("this needs a key that opens the vault")

func readSmall(dir *disk.Dir, name string) ([]byte, error) {
	f, err := dir.OpenFile(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err == nil && len(b) > maxKeyFile {
		err = fmt.Errorf("%s: too long: %w", name, fs.ErrInvalid)
	}
	return b, err
}
