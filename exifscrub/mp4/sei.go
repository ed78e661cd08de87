package mp4

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"iter"

	"flightveil/exifscrub"
	"flightveil/internal/block/bmff"
	"flightveil/internal/block/window"
	"flightveil/internal/privacy"
)

// Supplemental messages in video streams (ITU-T H.264 and H.265, annex D).
const (
	seiSamples    = 64       // that are examined
	maxUnit       = 64 << 10 // a longer unit of messages is no such unit
	registered    = 4        // user data, ITU-T T.35
	unregistered  = 5        // user data, UUID
	blankedByte   = ' '      // what a message is overwritten with: no zeros, which would need escapes
	unitsInSample = 1024
)

// stream says how units of a video stream lie in samples: each behind its length.
type stream struct {
	lengthSize int64
	hevc       bool
}

// videoStream reads the decoder configuration of t (14496-15, 5.3.3 and 8.3.3).
func videoStream(in exifscrub.Input, t *bmff.Track) (stream, bool, error) {
	if len(t.Entries) == 0 || t.Entries[0].Size() < visualLen {
		return stream{}, false, nil
	}
	e := t.Entries[0]
	inner := bmff.Box{Body: e.Body + visualLen, End: e.End}
	for _, c := range []struct {
		box  string
		at   int64
		hevc bool
	}{{"avcC", 4, false}, {"hvcC", 21, true}} {
		b, ok, err := bmff.Find(in, inner, c.box)
		if err != nil {
			return stream{}, false, err
		}
		if !ok || b.Size() <= c.at {
			continue
		}
		v := make([]byte, 1)
		if _, err := in.ReadAt(v, b.Body+c.at); err != nil && err != io.EOF {
			return stream{}, false, err
		}
		return stream{int64(v[0]&3) + 1, c.hevc}, true, nil
	}
	return stream{}, false, nil
}

// isMessages reports whether a unit that begins with b holds messages, and how
// long its header is.
func (s stream) isMessages(b byte) (bool, int64) {
	if s.hevc {
		kind := b >> 1 & 0x3F
		return kind == 39 || kind == 40, 2
	}
	return b&0x1F == 6, 1
}

// message is user data in a video stream.
type message struct {
	uuid  string // in hexadecimal; "" for registered user data
	data  []byte // behind the UUID
	edits []exifscrub.Edit
	span  exifscrub.Span
}

// messagesIn calls do with every piece of user data in the sample at s.
func (s stream) messagesIn(win *window.Reader, at exifscrub.Span, do func(message) error) error {
	pos := at.Off
	for range unitsInSample {
		if at.End()-pos <= s.lengthSize {
			return nil
		}
		h, err := win.Head(pos, s.lengthSize+1)
		if err != nil {
			return err
		}
		if int64(len(h)) <= s.lengthSize {
			return nil
		}
		n := int64(number(h[:s.lengthSize]))
		first := h[s.lengthSize]
		pos += s.lengthSize
		if n <= 0 || n > at.End()-pos {
			return nil
		}
		if is, header := s.isMessages(first); is && n > header && n <= maxUnit {
			b, err := win.Peek(pos, n)
			if err != nil {
				return err
			}
			if err := userData(b[header:], pos+header, do); err != nil {
				return err
			}
		}
		pos += n
	}
	return nil
}

// userData takes apart the messages in b, which lies at off (H.264, 7.3.2.3).
func userData(b []byte, off int64, do func(message) error) error {
	plain, at := unescape(b)
	for i := 0; i < len(plain); {
		var v [2]int // type and size
		for f := range v {
			for i < len(plain) && plain[i] == 0xFF {
				v[f] += 255
				i++
			}
			if i == len(plain) {
				return nil
			}
			v[f] += int(plain[i])
			i++
		}
		kind, size := v[0], v[1]
		if size > len(plain)-i || size == 0 {
			return nil
		}
		body := plain[i : i+size]
		m := message{data: body, span: exifscrub.Span{Off: off + int64(at[i]), Len: int64(at[i+size-1] - at[i] + 1)}}
		if kind == unregistered && size > 16 {
			m.uuid, m.data = hex.EncodeToString(body[:16]), body[16:]
		}
		if (kind == unregistered || kind == registered && !shows(body)) && !blanked(body) {
			m.edits = blankMessage(b, at[i:i+size], off)
			if err := do(m); err != nil {
				return err
			}
		}
		i += size
	}
	return nil
}

// unescape takes the bytes out that keep start codes from appearing (H.264,
// 7.4.1), and says where the others are in b.
func unescape(b []byte) (plain []byte, at []int) {
	zeros := 0
	for i, c := range b {
		if zeros >= 2 && c == 3 {
			zeros = 0
			continue
		}
		if zeros++; c != 0 {
			zeros = 0
		}
		plain, at = append(plain, c), append(at, i)
	}
	return plain, at
}

// blankMessage returns the edits that overwrite the bytes of a message, which
// are at the places at of b. Two zeros before an escape stay, or the escape
// would be none; so does everything's place.
func blankMessage(b []byte, at []int, off int64) []exifscrub.Edit {
	first, last := at[0], at[len(at)-1]+1
	out := bytes.Clone(b[first:last])
	for _, i := range at {
		escapes := i+2 < len(b) && b[i] == 0 && b[i+1] == 0 && b[i+2] == 3 || i > 0 && i+1 < len(b) && b[i-1] == 0 && b[i] == 0 && b[i+1] == 3
		if !escapes {
			out[i-first] = blankedByte
		}
	}
	return []exifscrub.Edit{{Off: off + int64(first), Len: int64(len(out)), With: out}}
}

// blanked reports whether nothing is left of a message.
func blanked(b []byte) bool { return len(bytes.Trim(b, " \x00")) == 0 }

// shows reports whether registered user data is for the picture: captions,
// format description and bar data of ATSC and DVB, HDR10+, Dolby Vision (A/53
// part 4, ETSI TS 101 154, SMPTE ST 2094).
func shows(b []byte) bool {
	for _, head := range []string{"\xB5\x00\x31", "\xB5\x00\x2F", "\xB5\x00\x3C", "\xB5\x00\x3B", "\x26\x00\x04", "\xB5\x00\x90\x00"} {
		if bytes.HasPrefix(b, []byte(head)) {
			return true
		}
	}
	return false
}

// messageNames says whose messages are, by UUID.
var messageNames = map[string]string{
	"dc45e9bde6d948b7962cd820d923eeef": "x264",
	"2ca2de09b51747dbbb55a4fe7fc2fc4e": "x265",
	"17ee8c60f84d11d98cd60800200c9a66": "MDPM",
}

// messages makes findings of user data in the first samples of a video: one for
// each kind. It stays unless the policy says otherwise, because the stream
// changes without it.
func (p *parser) messages(t *track, path string) error {
	s, ok, err := videoStream(p.in, t.Track)
	if !ok || err != nil {
		return err
	}
	var found []*privacy.Finding
	byName := map[string]*privacy.Finding{}
	n := 0
	for sample, err := range p.samples(t) {
		if err != nil {
			return err
		}
		if n++; n > seiSamples {
			break
		}
		err := s.messagesIn(p.win, exifscrub.Span{Off: sample.Off, Len: sample.Size}, func(m message) error {
			name, ok := messageNames[m.uuid]
			if !ok {
				name = "UserData"
			}
			f := byName[name]
			if f == nil {
				value := ""
				if text := latin(m.data); !bytes.ContainsFunc([]byte(text), func(r rune) bool { return r < ' ' }) {
					value = text
				}
				f = &privacy.Finding{Class: privacy.Stream, Path: join(path, "SEI/"+name), Value: privacy.Secret(value)}
				byName[name] = f
				found = append(found, f)
			}
			f.Count++
			f.Spans = append(f.Spans, m.span)
			return nil
		})
		if err != nil {
			return err
		}
	}
	for i, f := range found {
		pt := part{Item: exifscrub.Item{Finding: f}}
		if i == 0 {
			pt.sei = t.index + 1
		}
		if err := p.add(pt); err != nil {
			return err
		}
	}
	if len(found) > 0 {
		return p.note(path + ": the video stream holds user data of its own, which only --strip-sei takes out")
	}
	return nil
}

// stripMessages yields the edits that overwrite user data in every sample of t:
// where there is some in the first ones, there may be more.
func (f *file) stripMessages(ctx context.Context, in exifscrub.Input, t *track) iter.Seq2[exifscrub.Edit, error] {
	return func(yield func(exifscrub.Edit, error) bool) {
		s, ok, err := videoStream(in, t.Track)
		if !ok || err != nil {
			if err != nil {
				yield(exifscrub.Edit{}, err)
			}
			return
		}
		p := &parser{file: *f, ctx: ctx, in: in, win: window.New(in)}
		defer p.win.Free()
		var end int64
		for sample, err := range p.samples(t) {
			if err == nil && sample.Off < end { // edits must ascend
				err = errOrder
			}
			if err == nil {
				end = sample.Off + sample.Size
				err = s.messagesIn(p.win, exifscrub.Span{Off: sample.Off, Len: sample.Size}, func(m message) error {
					for _, e := range m.edits {
						if !yield(e, nil) {
							return errStop
						}
					}
					return nil
				})
			}
			if err != nil {
				if !errors.Is(err, errStop) {
					yield(exifscrub.Edit{}, err)
				}
				return
			}
		}
	}
}

// errStop says that nobody wants more.
var errStop = errors.New("stopped")
