package aae

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"flightveil/internal/block/plist"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A blob is the value of adjustmentData: JSON or a property list, usually
// compressed with raw Deflate (RFC 1951).
type blob struct {
	plain  []byte
	packed bool
	rest   int // bytes after the compressed data
	json   bool
	leaves []leaf
}

// A leaf is one value of the edits.
type leaf struct {
	path     string // keys, joined by slashes
	kind     plist.Kind
	text     string
	off, end int // in plain, for JSON
}

var errBlob = errors.New("edits in a form that cannot be read")

func openBlob(b []byte, lim input.Limits) (*blob, error) {
	out := &blob{plain: b}
	if !bytes.HasPrefix(b, []byte("bplist")) && !bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) {
		src := bytes.NewReader(b)
		plain, err := io.ReadAll(io.LimitReader(flate.NewReader(src), lim.Field+1))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errBlob, err)
		}
		if int64(len(plain)) > lim.Field {
			return nil, fmt.Errorf("%w: %w", errBlob, input.ErrLimit)
		}
		out.plain, out.packed, out.rest = plain, true, src.Len()
	}
	if bytes.HasPrefix(out.plain, []byte("bplist")) {
		return out, out.plist(lim)
	}
	out.json = true
	var err error
	out.leaves, err = scanJSON(out.plain, lim.Items)
	return out, err
}

// plist collects the leaves of a property list. It is judged only: if a part
// must go, all of it goes.
func (b *blob) plist(lim input.Limits) error {
	f, err := plist.Parse(b.plain, lim.Items)
	if err != nil {
		return fmt.Errorf("%w: %w", errBlob, err)
	}
	left := lim.Items
	var visit func(v *plist.Value, path string) error
	visit = func(v *plist.Value, path string) error {
		if left--; left < 0 {
			return fmt.Errorf("%w: %w", errBlob, input.ErrLimit)
		}
		switch v.Kind {
		case plist.Array, plist.Dict:
			for i, item := range v.Items {
				sub := path
				if v.Kind == plist.Dict {
					if !isKey(v.Keys[i].Text) {
						return errBlob
					}
					sub = join(path, v.Keys[i].Text)
				}
				if len(sub) > maxPath {
					return errBlob
				}
				if err := visit(item, sub); err != nil {
					return err
				}
			}
		case plist.Data:
			b.leaves = append(b.leaves, leaf{path: path, kind: plist.Data, text: "data"})
		default:
			b.leaves = append(b.leaves, leaf{path: path, kind: v.Kind, text: v.Text})
		}
		return nil
	}
	if err := visit(f.Root, ""); err != nil {
		return err
	}
	for _, x := range f.Extras {
		b.leaves = append(b.leaves, leaf{path: x.Name, kind: plist.Data, text: "data"})
	}
	return nil
}

// maxPath bounds the length of the keys on the way to a value.
const maxPath = 400

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "/" + key
}

// isKey reports whether key is a name. One that is not could be a value.
func isKey(key string) bool { return isWord(key, "_.$-") }

// class says what a leaf gives away. Numbers are edits unless their key says
// otherwise; of texts only identifiers are, inside the list of edits.
func (l leaf) class() privacy.Class {
	key := l.path[strings.LastIndexByte(l.path, '/')+1:]
	for k := range strings.SplitSeq(l.path, "/") {
		if c := guess(k); c != privacy.Unknown {
			return c
		}
	}
	switch l.kind {
	case plist.Bool, plist.Null, plist.UID:
		return privacy.Technical
	case plist.Integer, plist.Real: // settings are small; points of time and numbers of devices are not
		if f, err := strconv.ParseFloat(l.text, 64); l.text == "" || err == nil && math.Abs(f) < 1e8 || strings.HasPrefix(l.path, "slowMotion/") {
			return privacy.Technical
		}
	case plist.Date:
		return privacy.Time
	case plist.String:
		switch {
		case key == "platform" && isWord(l.text, ""), strings.HasPrefix(l.path, "adjustments/") && isWord(l.text, "._-"), isNumber(l.text) && len(l.text) <= 8:
			return privacy.Technical
		case key == "lightMap" && isBase64(l.text): // how bright the picture is where, 31 by 31
			return privacy.Technical
		}
	}
	return privacy.Unknown
}

func isBase64(s string) bool {
	return len(s) <= 64<<10 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") == ""
}

// without returns the blob with the leaves in gone made empty. It is empty
// itself if it is not JSON.
func (b *blob) without(gone map[int]bool) ([]byte, error) {
	if !b.json && len(gone) > 0 {
		return nil, nil
	}
	var plain []byte
	pos := 0
	for i, l := range b.leaves { // in the order of the text
		if gone[i] {
			empty := `""`
			if l.kind != plist.String {
				empty = "0"
			}
			plain = append(append(plain, b.plain[pos:l.off]...), empty...)
			pos = l.end
		}
	}
	plain = append(plain, b.plain[pos:]...)
	if !b.packed {
		return plain, nil
	}
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}
