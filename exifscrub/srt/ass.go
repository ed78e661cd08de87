package srt

import (
	"bytes"
	"strings"
	"time"

	"flightveil/internal/block/lines"
	"flightveil/internal/block/srt"
	"flightveil/internal/privacy"
)

// section returns the name of a section of SubStation Alpha that line begins,
// in lower case, or "".
func section(line []byte) string {
	if len(line) < 3 || line[0] != '[' || line[len(line)-1] != ']' || len(line) > 40 {
		return ""
	}
	switch name := strings.ToLower(string(line[1 : len(line)-1])); name {
	case "script info", "v4 styles", "v4+ styles", "v4 styles+", "v4++ styles", "events", "fonts", "graphics", "aegisub project garbage", "aegisub extradata":
		return name
	}
	return ""
}

// columns says where in an event of so many columns each stands.
type columns struct{ n, start, name, style, effect, text int }

// defaultColumns are those of v4.00+ and nearly all files.
var defaultColumns = columns{n: 10, start: 1, style: 3, name: 4, effect: 8, text: 9}

// assLine reads a line of SubStation Alpha.
func (w *walker) assLine(l lines.Line) {
	text := bytes.TrimSpace(l.Text)
	if len(text) == 0 {
		return
	}
	if name := section(text); name != "" {
		w.section = name
		w.columns = defaultColumns
		return
	}
	whole := func(name string, class privacy.Class) {
		w.plain(l, name, class, 0, len(l.Text))
		w.flush()
	}
	if text[0] == ';' || bytes.HasPrefix(text, []byte("!:")) {
		at := bytes.IndexAny(l.Text, ";!") + 1
		if text[0] == '!' {
			at++
		}
		w.plain(l, "comment", privacy.Description, at, len(l.Text))
		w.flush()
		return
	}
	i := bytes.IndexByte(l.Text, ':')
	key := ""
	if i > 0 {
		key = strings.ToLower(string(bytes.TrimSpace(l.Text[:i])))
	}
	switch {
	case w.section == "script info" && key != "":
		w.info(l, key, i+1)
	case strings.HasSuffix(w.section, "styles") || strings.HasSuffix(w.section, "styles+"):
		w.style(l, key, i+1)
	case w.section == "events":
		w.event(l, key, i+1)
	case w.section == "aegisub project garbage":
		whole("project", privacy.Identity)
	case w.section == "fonts", w.section == "graphics":
		whole("attachment", privacy.Unknown)
	default:
		whole("text", privacy.Unknown)
	}
}

// info reads a line of the section Script Info: from is behind its colon.
func (w *walker) info(l lines.Line, key string, from int) {
	switch key {
	case "scripttype", "wrapstyle", "scaledborderandshadow", "collisions", "playresx", "playresy", "layoutresx", "layoutresy", "playdepth", "timer", "ycbcr matrix", "kerning":
		v := bytes.TrimSpace(l.Text[from:])
		if len(v) <= 16 && plainValue(v) {
			return
		}
		w.plain(l, "text", privacy.Unknown, from, len(l.Text))
	case "original script", "original translation", "original editing", "original timing", "script updated by":
		w.plain(l, "author", privacy.Copyright, from, len(l.Text))
	case "title", "update details", "language":
		w.plain(l, "title", privacy.Description, from, len(l.Text))
	case "last style storage", "audio uri", "audio file", "video file", "keyframes file", "timecodes file", "export filters", "export encoding":
		w.plain(l, "project", privacy.Identity, from, len(l.Text))
	default:
		w.plain(l, "text", privacy.Unknown, 0, len(l.Text))
	}
	w.flush()
}

func plainValue(v []byte) bool {
	for _, c := range v {
		if !(c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '.' || c == '+' || c == '-') {
			return false
		}
	}
	return true
}

// style reads a line of a section of styles, which players need.
func (w *walker) style(l lines.Line, key string, from int) {
	if key != "format" && key != "style" {
		w.plain(l, "text", privacy.Unknown, 0, len(l.Text))
		w.flush()
		return
	}
	for _, c := range l.Text[from:] {
		if !(c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || bytes.IndexByte([]byte(" ,.&-+_@"), c) >= 0) {
			w.plain(l, "text", privacy.Unknown, 0, len(l.Text))
			break
		}
	}
	w.flush()
}

// event reads a line of the section Events.
func (w *walker) event(l lines.Line, key string, from int) {
	switch key {
	case "format":
		w.columns = columnsOf(l.Text[from:])
		return
	case "dialogue":
	case "comment", "picture", "sound", "movie", "command":
		w.plain(l, "comment", privacy.Description, from, len(l.Text))
		w.flush()
		return
	default:
		w.plain(l, "text", privacy.Unknown, 0, len(l.Text))
		w.flush()
		return
	}
	w.c.timed, w.c.start = true, 0
	at := from
	for k := range w.columns.n {
		to := len(l.Text)
		if i := bytes.IndexByte(l.Text[at:], ','); i >= 0 && k < w.columns.n-1 {
			to = at + i
		}
		v := bytes.TrimSpace(l.Text[at:to])
		switch {
		case k == w.columns.text:
			w.text(l, at, to)
		case k == w.columns.name:
			w.plain(l, "voice", privacy.Identity, at, to)
		case k == w.columns.effect:
			if !effect(v) {
				w.plain(l, "text", privacy.Unknown, at, to)
			}
		case k == w.columns.style && len(v) <= 32:
		case k == w.columns.start:
			_, w.c.start = srt.Classify(append(append([]byte(nil), v...), "-->"...))
			fallthrough
		default:
			if len(bytes.Trim(v, "0123456789:.")) > 0 && !bytes.HasPrefix(v, []byte("Marked=")) || len(v) > 12 {
				w.plain(l, "text", privacy.Unknown, at, to)
			}
		}
		if at = to + 1; to == len(l.Text) {
			break
		}
	}
	if w.c.start < 0 {
		w.c.start = time.Duration(0)
	}
	w.flush()
}

// effect reports whether v is one of the effects of SubStation Alpha.
func effect(v []byte) bool {
	name, rest, _ := bytes.Cut(v, []byte{';'})
	switch strings.ToLower(string(name)) {
	case "", "karaoke", "banner", "scroll up", "scroll down":
		return len(rest) <= 32 && len(bytes.Trim(rest, "0123456789;")) == 0
	}
	return false
}

// columnsOf reads the line Format of the events.
func columnsOf(b []byte) columns {
	c := columns{start: -1, name: -1, style: -1, effect: -1, text: -1}
	for name := range bytes.SplitSeq(b, []byte{','}) {
		switch strings.ToLower(string(bytes.TrimSpace(name))) {
		case "start":
			c.start = c.n
		case "style":
			c.style = c.n
		case "name", "actor":
			c.name = c.n
		case "effect":
			c.effect = c.n
		case "text":
			c.text = c.n
		}
		c.n++
	}
	if c.text != c.n-1 || c.n > 32 {
		return defaultColumns
	}
	return c
}
