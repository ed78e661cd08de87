package crypt

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	"flightveil/internal/disk"
	"flightveil/internal/fault"
)

// ASC MHL v2.0 (American Society of Cinematographers, ascmitc/mhl): a list of
// checksums for each run that adds files, a generation, and a chain that names
// the generations with their C4 sums. A vault's covers the sealed files, so that
// anyone can see that they are what was written, without a key; the index and
// the key of the vault change, and are left to age.
const (
	mhlFolder = "ascmhl"
	mhlChain  = mhlFolder + "/ascmhl_chain.xml"
	mhlSpace  = "urn:ASC:MHL:v2.0"
	mhlDirs   = "urn:ASC:MHL:DIRECTORY:v2.0"
)

// C4 returns the C4 sum of what r holds: SHA-512 in base58 (SMPTE ST 2114).
func C4(r io.Reader) (string, error) {
	h := sha512.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", err
	}
	return c4Text(h.Sum(nil)), nil
}

func c4Text(sum []byte) string {
	const digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	n, base, rest := new(big.Int).SetBytes(sum), big.NewInt(58), new(big.Int)
	out := []byte(strings.Repeat("1", 88))
	for i := len(out) - 1; n.Sign() > 0; i-- {
		n.DivMod(n, base, rest)
		out[i] = digits[rest.Int64()]
	}
	return "c4" + string(out)
}

type mhlSum struct {
	Action string `xml:"action,attr,omitempty"`
	Date   string `xml:"hashdate,attr,omitempty"`
	Text   string `xml:",chardata"`
}

type mhlPath struct {
	Size int64  `xml:"size,attr"`
	Name string `xml:",chardata"`
}

type mhlHash struct {
	Path mhlPath `xml:"path"`
	C4   *mhlSum `xml:"c4"`
	MD5  *mhlSum `xml:"md5"`
	SHA1 *mhlSum `xml:"sha1"`
	XXH  *mhlSum `xml:"xxh64"`

	XXH3     *mhlSum `xml:"xxh3"`
	XXH128   *mhlSum `xml:"xxh128"`
	Previous string  `xml:"previousPath,omitempty"`
}

type mhlList struct {
	XMLName xml.Name `xml:"hashlist"`
	Space   string   `xml:"xmlns,attr,omitempty"`
	Version string   `xml:"version,attr"`
	Creator struct {
		Date string `xml:"creationdate"`
		Host string `xml:"hostname"`
		Tool struct {
			Version string `xml:"version,attr"`
			Name    string `xml:",chardata"`
		} `xml:"tool"`
	} `xml:"creatorinfo"`
	Process struct {
		Kind string `xml:"process"`
		Root struct {
			Content   mhlSum `xml:"content>xxh64"`
			Structure mhlSum `xml:"structure>xxh64"`
		} `xml:"roothash"`
		Ignore []string `xml:"ignore>pattern"`
	} `xml:"processinfo"`
	Hashes []mhlHash `xml:"hashes>hash"`
}

type mhlGenerations struct {
	XMLName xml.Name        `xml:"ascmhldirectory"`
	Space   string          `xml:"xmlns,attr,omitempty"`
	List    []mhlGeneration `xml:"hashlist"`
}

type mhlGeneration struct {
	Number int    `xml:"sequencenr,attr"`
	Path   string `xml:"path"`
	C4     string `xml:"c4"`
}

// writeManifest adds a generation for the sealed files that a run made. all are
// those of the vault. The machine's name is not in it, nor any other time than
// that of the run.
func writeManifest(dir *disk.Dir, info Info, made, all []Entry, now time.Time) error {
	chain, err := readChain(dir)
	if err != nil {
		return err
	}
	if len(chain.List) >= 9999 {
		return errors.New("the manifest has 9999 generations, and no room for another")
	}
	date := now.UTC().Format("2006-01-02T15:04:05") + "+00:00"
	l := mhlList{Space: mhlSpace, Version: "2.0"}
	l.Creator.Date, l.Creator.Host = date, "flightveil"
	l.Creator.Tool.Name, l.Creator.Tool.Version = "flightveil", strings.TrimPrefix(info.Tool, "flightveil ")
	l.Process.Kind = "in-place"
	l.Process.Ignore = []string{".DS_Store", "ascmhl", "ascmhl/", cardKeyName, indexName, indexCopyName, recoverName, ".flightveil-*"}
	content, structure := rootHash(all)
	l.Process.Root.Content, l.Process.Root.Structure = mhlSum{Date: date, Text: hex64(content)}, mhlSum{Date: date, Text: hex64(structure)}
	for _, e := range made {
		l.Hashes = append(l.Hashes, mhlHash{Path: mhlPath{e.Sealed, e.Name}, XXH: &mhlSum{"original", date, hex64(e.Sum)}})
	}
	slices.SortFunc(l.Hashes, func(a, b mhlHash) int { return strings.Compare(a.Path.Name, b.Path.Name) })
	b, err := encodeXML(l)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%04d_vault_%s.mhl", len(chain.List)+1, now.UTC().Format("2006-01-02_150405Z"))
	if err := dir.WriteFile(path.Join(mhlFolder, name), b, neutral); err != nil {
		return fmt.Errorf("writing the manifest: %w", err)
	}
	sum, err := C4(bytes.NewReader(b))
	if err != nil {
		return err
	}
	chain.Space = mhlDirs
	chain.List = append(chain.List, mhlGeneration{len(chain.List) + 1, name, sum})
	if b, err = encodeXML(chain); err != nil {
		return err
	}
	return dir.WriteFile(mhlChain, b, neutral)
}

// inXML reports whether a manifest can hold a name. Only names that --keep-names
// took from a card may be otherwise.
func inXML(name string) bool {
	return utf8.ValidString(name) && !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0xFFFE || r == 0xFFFF })
}

func encodeXML(v any) ([]byte, error) {
	b, err := xml.MarshalIndent(v, "", "  ")
	return append(append([]byte(xml.Header), b...), '\n'), err
}

const maxChain = 4 << 20

func readChain(dir *disk.Dir) (mhlGenerations, error) {
	var c mhlGenerations
	f, err := dir.OpenFile(mhlChain)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	defer f.Close()
	if err := xml.NewDecoder(io.LimitReader(f, maxChain)).Decode(&c); err != nil {
		return c, damage{fmt.Errorf("the chain of manifests cannot be read: %w", err)}
	}
	c.XMLName = xml.Name{}
	return c, nil
}

// rootHash computes the directory hashes of the whole: content is the hash of the
// children's hashes, sorted as text; structure takes in their names as well.
func rootHash(all []Entry) (content, structure uint64) {
	children := map[string]map[string]*uint64{}
	for i := range all {
		name := all[i].Name
		for sum := &all[i].Sum; ; sum = nil {
			dir := path.Dir(name)
			if children[dir] == nil {
				children[dir] = map[string]*uint64{}
			}
			children[dir][path.Base(name)] = sum
			if name = dir; dir == "." {
				break
			}
		}
	}
	var hash func(dir string) (uint64, uint64)
	hash = func(dir string) (uint64, uint64) {
		var contents, structures []uint64
		for base, sum := range children[dir] {
			c, s := uint64(0), uint64(0)
			if sum != nil {
				c, s = *sum, *sum
			} else {
				c, s = hash(path.Join(dir, base))
			}
			h := xxhash.New()
			h.WriteString(base)
			h.Write(binary.BigEndian.AppendUint64(nil, s))
			contents, structures = append(contents, c), append(structures, h.Sum64())
		}
		return hashList(contents), hashList(structures)
	}
	return hash(".")
}

// hashList hashes hashes, in the order of their text, which is that of their values.
func hashList(list []uint64) uint64 {
	slices.Sort(list)
	h := xxhash.New()
	for _, v := range list {
		h.Write(binary.BigEndian.AppendUint64(nil, v))
	}
	return h.Sum64()
}

// HasManifest reports whether a folder has an ASC MHL history.
func HasManifest(dir *disk.Dir) bool { return dir.Exists(mhlChain) }

// VerifyManifest checks a folder against its ASC MHL history, whoever wrote it:
// the chain, and each file's latest sum. No key is needed.
func VerifyManifest(ctx context.Context, dir *disk.Dir, o VerifyOptions) (Verdict, error) {
	var verdict Verdict
	chain, err := readChain(dir)
	if err != nil {
		return verdict, err
	}
	latest := map[string]mhlHash{}
	for _, g := range chain.List {
		if !localPath(g.Path) || path.Dir(g.Path) != "." {
			return verdict, damage{errors.New("the chain of manifests names a file elsewhere")}
		}
		l, err := readManifest(dir, g)
		if err != nil {
			return verdict, fmt.Errorf("%s: %w", g.Path, err)
		}
		for _, h := range l.Hashes {
			if !localPath(h.Path.Name) || len(latest) > maxEntries {
				return verdict, damage{fmt.Errorf("%s: a name leads elsewhere", g.Path)}
			}
			if sum, _, _ := h.known(); sum == nil && latest[h.Path.Name].Path.Name != "" {
				continue // a check that failed changes nothing of what the file must be
			}
			delete(latest, h.Previous)
			latest[h.Path.Name] = h
		}
	}
	names := make([]string, 0, len(latest))
	for n := range latest {
		names = append(names, n)
	}
	slices.Sort(names)
	results := make([]Result, len(names))
	each(ctx, len(names), o.Jobs, func(i int) {
		h := latest[names[i]]
		results[i] = Result{Path: names[i], Size: h.Path.Size, Status: Intact, Err: fault.Guard(func() error { return h.check(ctx, dir) })}
		if o.Progress != nil {
			o.Progress(h.Path.Size)
		}
	})
	if err := ctx.Err(); err != nil {
		return verdict, err
	}
	for _, r := range results {
		if r.Err != nil {
			r.Status = Damaged
			if errors.Is(r.Err, errSums) {
				r.Status = Failed
			}
			verdict.Bad++
		} else {
			verdict.Intact++
		}
		if o.Report != nil {
			o.Report(r)
		}
	}
	return verdict, nil
}

const maxManifest = 1 << 30

// readManifest reads a generation, which must have the C4 sum of the chain.
func readManifest(dir *disk.Dir, g mhlGeneration) (mhlList, error) {
	var l mhlList
	f, err := dir.OpenFile(path.Join(mhlFolder, g.Path))
	if err != nil {
		return l, lost(err)
	}
	defer f.Close()
	sum, err := C4(io.LimitReader(f, maxManifest))
	if err != nil {
		return l, err
	}
	if sum != strings.TrimSpace(g.C4) {
		return l, damage{errors.New("not the manifest that the chain names")}
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return l, err
	}
	if err := xml.NewDecoder(io.LimitReader(f, maxManifest)).Decode(&l); err != nil {
		return l, damage{err}
	}
	return l, nil
}
