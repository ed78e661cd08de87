package crypt

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"filippo.io/age"
	"github.com/cespare/xxhash/v2"

	"flightveil/internal/disk"
)

// Grant writes a file of the vault for somebody else: the same sealed bytes with
// a header that its recipients open. With detached only that header is written,
// for somebody who has the sealed file already. What they get is the original.
func (v *Vault) Grant(w io.Writer, e Entry, detached, downgrade bool, to ...Recipient) error {
	f, err := v.dir.OpenFile(e.Name)
	if err != nil {
		return lost(err)
	}
	defer f.Close()
	if !detached {
		return Rewrap(w, f, downgrade, v.ids, to...)
	}
	h, err := RewrapHeader(f, downgrade, v.ids, to...)
	if err != nil {
		return err
	}
	_, err = w.Write(h)
	return err
}

// ErrNoCardKey means that the vault has no key of its own.
var ErrNoCardKey = errors.New("the files of this vault are sealed to its readers themselves")

// Rekey seals the key of the vault to other readers: one small file changes.
// Who had the key before, or a copy of the old file, can still read the vault.
func (v *Vault) Rekey(downgrade bool, to ...Recipient) error {
	switch {
	case !v.Info.CardKey:
		return ErrNoCardKey
	case v.Unfinished:
		return errors.New("the vault is unfinished: let encrypt finish first")
	}
	var texts []string
	quantum := true
	for _, r := range to {
		text := RecipientOf(r)
		if text != "" {
			texts = append(texts, text)
			quantum = quantum && strings.HasPrefix(text, "age1pq1")
		}
	}
	secret, ok := v.ids[0].(fmt.Stringer)
	if !ok {
		return ErrNoCardKey
	}
	if strings.HasPrefix(secret.String(), "AGE-SECRET-KEY-PQ-") && !quantum && !downgrade {
		return ErrDowngrade
	}
	sealed, err := sealBytes(cardKeyText(secret.String(), texts), to...)
	if err != nil {
		return err
	}
	if err := v.dir.WriteFile(cardKeyName, sealed, neutral); err != nil {
		return err
	}
	v.Info.Recipients = texts
	return nil
}

const readerMark = "# reader: "

// cardKeyText is what card.key.age holds: the key as age reads it, and who it
// was sealed to, which nobody else can see.
func cardKeyText(secret string, readers []string) []byte {
	var b bytes.Buffer
	b.WriteString("# the key of this vault\n")
	for _, r := range readers {
		b.WriteString(readerMark + r + "\n")
	}
	b.WriteString(secret + "\n")
	return b.Bytes()
}

func cardKeyReaders(text []byte) []string {
	var out []string
	for line := range strings.Lines(string(text)) {
		if r, ok := strings.CutPrefix(strings.TrimSpace(line), readerMark); ok {
			out = append(out, r)
		}
	}
	return out
}

// Sources returns the files of the vault as what another one is made of.
func (v *Vault) Sources() []Source {
	out := make([]Source, len(v.entries))
	for i, e := range v.entries {
		out[i] = Source{Path: e.Path, Size: e.Size, Mod: e.Mod, hash: &e.Hash, Open: v.opener(e)}
	}
	return out
}

// Repair makes a new index, from the copy that is left or, if both are lost, from
// the sealed files alone: then content comes back, and names do not. Sealed files
// that no index knows are brought in.
func Repair(ctx context.Context, dir *disk.Dir, o VerifyOptions, ids ...Identity) (*Vault, Verdict, error) {
	v, err := Open(dir, ids...)
	var verdict Verdict
	switch {
	case errors.Is(err, ErrIndexLost):
		v = &Vault{dir: dir, ids: ids}
		v.Info = Info{ID: randomHex(16), Tool: "repaired", Made: neutral}
		if dir.Exists(cardKeyName) {
			key, readers, err := openCardKey(dir, ids)
			if err != nil {
				return nil, verdict, err
			}
			v.ids = []Identity{key}
			v.Info.CardKey, v.Info.Recipients = true, readers
		} else if err := v.learnReaders(); err != nil {
			return nil, verdict, err
		}
	case err != nil:
		return nil, verdict, err
	case v.Unfinished:
		return nil, verdict, errors.New("the vault is only unfinished: run encrypt again")
	}
	names, err := v.strangers()
	if err != nil {
		return nil, verdict, err
	}
	taken := map[string]bool{}
	for _, e := range v.entries {
		taken[e.Path] = true
	}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, verdict, err
		}
		e, err := v.examine(ctx, name)
		r := Result{Path: e.Path, Name: name, Size: e.Size, Status: Intact, Err: err}
		if err != nil {
			r.Path, r.Status = name, Damaged
			verdict.Bad++
		} else {
			for n, p := 2, e.Path; taken[e.Path]; n++ {
				e.Path = fmt.Sprintf("%s-%d", p, n)
			}
			taken[e.Path] = true
			r.Path = e.Path
			v.entries = append(v.entries, e)
			verdict.Intact++
		}
		if o.Report != nil {
			o.Report(r)
		}
	}
	sortEntries(v.entries)
	to, err := v.sealedTo()
	if err != nil {
		return nil, verdict, err
	}
	return v, verdict, writeIndexes(dir, v.Info, v.entries, to)
}

// learnReaders is for a vault without a key of its own, whose readers only the
// index knew: its owner, at least, is one.
func (v *Vault) learnReaders() error {
	for _, id := range v.ids {
		if to, err := PublicOf(id); err == nil {
			v.Info.Recipients = append(v.Info.Recipients, RecipientOf(to))
		}
	}
	if len(v.Info.Recipients) == 0 {
		return ErrNeedKey
	}
	return nil
}

// examine reads a sealed file that no index knows.
func (v *Vault) examine(ctx context.Context, name string) (Entry, error) {
	e := Entry{Name: name}
	f, err := v.dir.OpenFile(name)
	if err != nil {
		return e, err
	}
	defer f.Close()
	sealed := &summing{r: f, sum: xxhash.New()}
	plain, err := age.Decrypt(sealed, v.ids...)
	if err != nil {
		return e, opened(err)
	}
	r := bufio.NewReaderSize(plain, 4<<10)
	head, _ := r.Peek(16)
	sum, strong := xxhash.New(), sha256.New()
	ext := extension(head)
	if e.Size, err = copyWatched(ctx, io.MultiWriter(sum, strong), r); err != nil {
		return e, damage{err}
	}
	e.Hash, e.SHA256 = sum.Sum64(), hex.EncodeToString(strong.Sum(nil))
	e.Sealed, e.Sum = sealed.n, sealed.sum.Sum64()
	base := strings.TrimSuffix(strings.TrimPrefix(name, dataFolder+"/"), sealedSuffix)
	if e.Path = base; len(path.Base(base)) == 32 && strings.Trim(path.Base(base), "0123456789abcdef") == "" {
		e.Path = "recovered/" + path.Base(base) + ext
	}
	return e, nil
}

// extension guesses what a file without a name is.
func extension(head []byte) string {
	for _, m := range []struct {
		at          int
		magic, name string
	}{{0, "\xff\xd8\xff", ".jpg"}, {0, "\x89PNG", ".png"}, {4, "ftypqt", ".mov"}, {4, "ftyp", ".mp4"}, {0, "II*\x00", ".tif"}, {0, "MM\x00*", ".tif"}, {0, "RIFF", ".riff"}} {
		if len(head) >= m.at && bytes.HasPrefix(head[m.at:], []byte(m.magic)) {
			return m.name
		}
	}
	return ".bin"
}
