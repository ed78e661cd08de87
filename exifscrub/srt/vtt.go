package srt

import (
	"bytes"

	"flightveil/internal/block/lines"
	"flightveil/internal/privacy"
)

// vttLine reads a line of WebVTT (section 4.1).
func (w *walker) vttLine(l lines.Line, first bool) {
	text := bytes.TrimSpace(l.Text)
	switch {
	case first:
		w.block = "header"
		from := bytes.Index(l.Text, []byte("WEBVTT")) + len("WEBVTT")
		w.plain(l, "title", privacy.Description, from, len(l.Text))
		w.flush()
		return
	case len(l.Text) == 0: // a line of spaces does not end a block
		if w.block != "" {
			w.flush()
		}
		w.block = ""
	case w.blank && w.block == "":
		for _, name := range []string{"NOTE", "STYLE", "REGION"} {
			if rest, ok := bytes.CutPrefix(text, []byte(name)); ok && (len(rest) == 0 || rest[0] == ' ' || rest[0] == '\t') {
				w.release(false)
				w.flush()
				w.block, w.blank = name, false
				w.plain(l, "note", privacy.Description, bytes.Index(l.Text, []byte(name))+len(name), len(l.Text))
				return
			}
		}
	}
	switch w.block {
	case "":
		w.srtLine(l)
	case "NOTE":
		w.plain(l, "note", privacy.Description, 0, len(l.Text))
	case "header":
		if !headerLine(text) {
			w.plain(l, "header", privacy.Description, 0, len(l.Text))
		}
	default:
		if !styleLine(text) {
			w.plain(l, "style", privacy.Unknown, 0, len(l.Text))
		}
	}
}

// headerLine reports whether a line of the header is about how to play.
func headerLine(text []byte) bool {
	if rest, ok := bytes.CutPrefix(text, []byte("X-TIMESTAMP-MAP=")); ok { // of HTTP Live Streaming
		return len(rest) <= 48 && len(bytes.Trim(rest, "LOCALMPEGTS:0123456789.,")) == 0
	}
	switch string(text) {
	case "Kind: captions", "Kind: subtitles", "Kind: metadata", "Kind: descriptions", "Kind: chapters":
		return true
	}
	return false
}

// styleLine reports whether a line of a style sheet says only how text looks.
func styleLine(text []byte) bool {
	for _, c := range text {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c >= 'A' && c <= 'F':
		case bytes.IndexByte([]byte(" \t:;{}()#.,%-_!"), c) >= 0:
		default:
			return false
		}
	}
	return len(text) <= 120 && !bytes.Contains(text, []byte("url")) && !bytes.Contains(text, []byte("id:"))
}
