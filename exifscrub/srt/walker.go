package srt

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"flightveil/exifscrub"
	"flightveil/internal/block/lines"
	"flightveil/internal/block/srt"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A walker reads captions one after another. Walk and Edits use the same, so
// that they cannot disagree.
type walker struct {
	in    exifscrub.Input
	r     *lines.Reader
	known *known
	arena []byte // values of the current caption
	c     caption
	emit  func(*caption) bool
	stop  bool

	blank bool // the last line was
	index int  // number of the last caption
	held  held // a line of digits, until the next line says what it is

	section string // of SubStation Alpha
	columns columns
	block   string // of WebVTT: NOTE, STYLE or header
}

// held is a line that may be the number of a caption.
type held struct {
	is, afterBlank bool
	number         int
	span           input.Span
	text           []byte
}

func newWalker(in exifscrub.Input, k *known) *walker {
	return &walker{in: in, r: lines.New(in), known: k, blank: true}
}

// value returns the text of a leaf of the current caption.
func (w *walker) value(l leaf) []byte { return w.arena[l.text[0]:l.text[1]] }

// Bounds of one caption; what is longer is read as several.
const (
	maxLeaves = 512
	maxArena  = 256 << 10
)

const checkEvery = 4096 // lines after which the context is asked

// run calls emit for each caption until it returns false.
func (w *walker) run(ctx context.Context, emit func(*caption) bool) error {
	w.emit = emit
	end := w.r.Start()
	for n := 0; !w.stop; n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		l, ok := w.r.Next()
		if !ok {
			break
		}
		end = l.Off + l.Len
		if err := w.line(l, n == 0); err != nil {
			return err
		}
	}
	w.release(false)
	w.flush()
	if err := w.r.Err(); err != nil {
		return fmt.Errorf("reading subtitles: %w", err)
	}
	if rest := (input.Span{Off: end, Len: w.in.Size() - end}); rest.Len > 0 && !w.stop { // half a character of UTF-16
		b, err := input.ReadRange(w.in, rest.Off, rest.Len, 8)
		if err != nil {
			return err
		}
		if len(bytes.Trim(b, " ")) > 0 {
			w.add(leaf{name: "text", class: privacy.Unknown, whole: rest, value: rest, outer: rest, letter: -1}, b, srt.Field{Name: "text"})
			w.flush()
		}
	}
	return nil
}

func (w *walker) line(l lines.Line, first bool) error {
	if l.Long {
		w.release(false)
		w.blank = false
		return w.tooLong(l)
	}
	switch w.known.syntax {
	case webVTT:
		w.vttLine(l, first)
	case subStation:
		w.assLine(l)
	default:
		w.srtLine(l)
	}
	return nil
}

// srtLine reads a line of SubRip, and of captions in WebVTT.
func (w *walker) srtLine(l lines.Line) {
	text := bytes.TrimSpace(l.Text)
	if len(text) == 0 {
		w.release(false)
		w.blank = len(l.Text) == 0 || w.known.syntax == subRip
		return
	}
	if i := bytes.Index(l.Text, []byte("-->")); i > 0 && srt.Clock(l.Text[:i]) {
		w.release(true)
		w.flush()
		_, start := srt.Classify(bytes.TrimSpace(l.Text))
		w.timing(l, i+len("-->"), start)
		w.blank = false
		return
	}
	w.release(false)
	if n, digits := lines.Uint(text); digits == len(text) && digits <= 9 {
		w.held = held{is: true, afterBlank: w.blank, number: n, span: w.trimmed(l), text: append(w.held.text[:0], text...)}
		w.blank = false
		return
	}
	w.blank = false
	w.text(l, 0, len(l.Text))
}

// trimmed returns where the text of l without spaces around it lies.
func (w *walker) trimmed(l lines.Line) input.Span {
	from := len(l.Text) - len(bytes.TrimLeft(l.Text, " \t\r\f\v"))
	to := len(bytes.TrimRight(l.Text, " \t\r\f\v"))
	return w.r.Span(l, from, max(from, to))
}

// release says what the line of digits is that was held: the number of a
// caption if a time follows, or if it comes behind an empty line and goes on
// counting, or else text.
func (w *walker) release(timed bool) {
	h := w.held
	if !h.is {
		return
	}
	w.held.is = false
	if timed || h.afterBlank && (h.number == w.index+1 || h.number == 1) {
		if !timed {
			w.flush()
			w.c.timed, w.c.start = true, 0
		}
		w.index = h.number
		return
	}
	w.add(leaf{name: "text", class: privacy.Unknown, whole: h.span, value: h.span, outer: h.span, letter: -1}, h.text, srt.Field{Name: "text"})
}

// timing reads what follows the arrow of a line of times.
func (w *walker) timing(l lines.Line, from int, start time.Duration) {
	w.c.timed, w.c.start = true, start
	rest := l.Text[from:]
	at := 0
	for first := true; at < len(rest); {
		if rest[at] == ' ' || rest[at] == '\t' || rest[at] == '\r' {
			at++
			continue
		}
		n := bytes.IndexAny(rest[at:], " \t\r")
		if n < 0 {
			n = len(rest) - at
		}
		word := rest[at : at+n]
		if !(first && srt.Clock(word)) && !setting(word) {
			w.plain(l, "text", privacy.Unknown, from+at, from+at+n)
		}
		first = false
		at += n
	}
}

// setting reports whether word places a caption on the picture: "align:start",
// or SubRip's "X1:40".
func setting(word []byte) bool {
	key, value, ok := bytes.Cut(word, []byte{':'})
	if !ok || len(value) > 16 {
		return false
	}
	switch string(key) {
	case "X1", "X2", "Y1", "Y2", "line", "position", "size", "align", "vertical":
	default:
		return false
	}
	for _, v := range bytes.Split(value, []byte{','}) {
		switch string(v) {
		case "start", "end", "center", "left", "right", "middle", "rl", "lr", "line-left", "line-right":
			continue
		}
		if len(v) > 8 || len(bytes.Trim(v, "0123456789.-%")) > 0 {
			return false
		}
	}
	return true
}

// text reads l.Text[from:to] as the text of a caption.
func (w *walker) text(l lines.Line, from, to int) {
	at := len(w.c.fields)
	w.c.fields = srt.Fields(w.c.fields, l.Text[from:to])
	fields := w.c.fields[at:]
	w.c.fields = w.c.fields[:at]
	for i := range fields {
		f := fields[i]
		f.Outer[1] += comma(l.Text[from:to][f.Outer[1]:])
		lf := leaf{
			name: f.Name, class: f.Class, letter: -1, whole: w.r.Span(l, from+f.From, from+f.To), value: w.r.Span(l, from+f.VFrom, from+f.VTo),
			outer: w.r.Span(l, from+f.Outer[0], from+f.Outer[1]),
		}
		if f.Letter >= 0 {
			lf.letter = w.r.Span(l, from+f.Letter, from+f.Letter).Off
		}
		w.add(lf, l.Text[from+f.VFrom:from+f.VTo], f)
	}
}

// comma returns how long a comma at the beginning of b is, with spaces before it.
func comma(b []byte) int {
	for i, c := range b {
		switch c {
		case ' ':
		case ',':
			return i + 1
		default:
			return 0
		}
	}
	return 0
}

// plain adds l.Text[from:to] as one value, without looking into it.
func (w *walker) plain(l lines.Line, name string, class privacy.Class, from, to int) {
	for from < to && (l.Text[from] == ' ' || l.Text[from] == '\t') {
		from++
	}
	for to > from && (l.Text[to-1] == ' ' || l.Text[to-1] == '\t') {
		to--
	}
	if from == to {
		return
	}
	s := w.r.Span(l, from, to)
	w.add(leaf{name: name, class: class, whole: s, value: s, outer: s, letter: -1}, l.Text[from:to], srt.Field{})
}

func (w *walker) add(l leaf, value []byte, f srt.Field) {
	if len(w.c.leaves) >= maxLeaves || len(w.arena)+len(value) > maxArena {
		timed := w.c.timed
		w.flush()
		w.c.timed = timed
	}
	l.text[0] = len(w.arena)
	w.arena = append(w.arena, value...)
	l.text[1] = len(w.arena)
	w.c.leaves = append(w.c.leaves, l)
	w.c.fields = append(w.c.fields, f)
}

// flush passes on what was read.
func (w *walker) flush() {
	if len(w.c.leaves) > 0 || w.c.timed {
		w.c.settle(w.known.orders)
		w.stop = w.stop || !w.emit(&w.c)
	}
	w.c.leaves, w.c.fields, w.c.timed = w.c.leaves[:0], w.c.fields[:0], false
	w.arena = w.arena[:0]
}

// tooLong reads a line that is longer than any caption: it is text as a whole.
func (w *walker) tooLong(l lines.Line) error {
	s := input.Span{Off: l.Off, Len: l.Len}
	if l.Ended {
		s.Len -= w.r.Raw([]byte{'\n'})
	}
	empty, err := w.spaces(s)
	if err != nil || empty {
		return err
	}
	w.flush()
	w.add(leaf{name: "text", class: privacy.Unknown, whole: s, value: s, outer: s, letter: -1}, nil, srt.Field{Name: "text"})
	w.flush()
	return nil
}

// spaces reports whether s holds nothing but spaces.
func (w *walker) spaces(s input.Span) (bool, error) {
	buf := make([]byte, 32<<10)
	for s.Len > 0 {
		b := buf[:min(int64(len(buf)), s.Len)]
		if err := input.ReadFull(w.in, b, s.Off); err != nil {
			return false, fmt.Errorf("reading subtitles: %w", err)
		}
		if len(bytes.Trim(b, " \x00")) > 0 {
			return false, nil
		}
		s.Off, s.Len = s.Off+int64(len(b)), s.Len-int64(len(b))
	}
	return true, nil
}
