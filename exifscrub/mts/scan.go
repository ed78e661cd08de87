package mts

import (
	"context"
	"fmt"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/block/nal"
	"flightveil/internal/block/window"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// A scanner reads the packets of a file, once to count what they hold and once
// more to edit them.
type scanner struct {
	ctx     context.Context
	in      exifscrub.Input
	win     *window.Reader
	layout  layout
	streams map[int]*stream
	order   []*stream // in which they were first seen or named
	maps    map[int]bool
	programs,
	unread int // program maps that go on in other packets and are not read
	found   map[string]*privacy.Finding
	keys    []string // of found, in order
	coded   []exifscrub.Span
	clean   bool    // nothing was found in the packet
	edit    *editor // nil when counting
	readers int     // streams that are looked into
}

// Keys of findings that belong to no stream.
const (
	keyGap     = "bytes between packets"
	keyAdapt   = "private data of adaptation fields"
	keyFiller  = "data in null packets"
	keyMap     = "PMT/descriptors"
	maxReaders = 64
	tableLimit = 64 << 20 // how far tables are looked for before the streams
)

func newScanner(ctx context.Context, in exifscrub.Input) (*scanner, error) {
	s := &scanner{ctx: ctx, in: in, win: window.New(in), streams: map[int]*stream{}, maps: map[int]bool{}, found: map[string]*privacy.Finding{}}
	b, err := s.win.Head(0, input.PrefixLen)
	if err != nil {
		return nil, err
	}
	var n int
	if s.layout, n = layoutOf(b); n < 2 {
		return nil, fmt.Errorf("no packets: %w", input.ErrUnsupported)
	}
	err = s.tables()
	clear(s.found)
	s.keys = nil
	return s, err
}

// errEnough ends a search.
var errEnough = fmt.Errorf("found")

// tables reads the program maps that come first.
func (s *scanner) tables() error {
	err := packets(s.win, s.layout, s.ctx.Err, func(off int64, b []byte) error {
		if off > tableLimit {
			return errEnough
		}
		h := headerOf(b)
		if h.pid == 0 || s.maps[h.pid] {
			s.table(h, b, off)
		}
		if s.programs > 0 && len(s.maps) == s.programs {
			return errEnough
		}
		return nil
	}, func(exifscrub.Span) error { return nil })
	if err == errEnough {
		err = nil
	}
	if err == nil && s.programs == 0 {
		return errNoMap
	}
	return err
}

// table reads the sections of a packet that leads to streams.
func (s *scanner) table(h header, b []byte, off int64) {
	if !h.start || h.payload >= packetSize {
		return
	}
	whole := false
	sections(b[h.payload:], func(at int, sec []byte) {
		whole = true
		if h.pid == 0 {
			for _, pid := range patPIDs(sec) {
				s.maps[pid] = true
			}
			return
		}
		if p, ok := parsePMT(sec); ok {
			s.program(h.pid, p)
			if s.edit != nil {
				s.edit.program(s, p, sec, off+int64(h.payload+at))
			}
			if p.odd {
				s.note(keyMap, privacy.Finding{Class: privacy.Unknown, Path: keyMap}, exifscrub.Span{Off: off + int64(h.payload+at), Len: int64(len(sec))})
			}
		}
	})
	if !whole && s.maps[h.pid] && s.edit == nil {
		s.unread++
	}
}

// program takes over what a program map says. A stream stays what it was first
// said to be.
func (s *scanner) program(pid int, p program) {
	if x := s.streams[pid]; x == nil || x.role != mapped {
		s.programs++
		s.streams[pid] = &stream{pid: pid, role: mapped}
	}
	for _, e := range p.streams {
		x := s.stream(e.pid)
		if x.role == unlisted {
			x.describe(p, e)
			if x.codec != 0 || x.klv != nil {
				s.readers++
			}
		}
	}
	if p.pcr != nullPID {
		x := s.stream(p.pcr)
		x.clock = true
		if x.role == unlisted {
			x.role = clock
		}
	}
}

// stream returns the stream with the given PID.
func (s *scanner) stream(pid int) *stream {
	x := s.streams[pid]
	if x == nil {
		x = &stream{pid: pid, name: fmt.Sprintf("PID%d/in no program map", pid), class: privacy.Unknown}
		if r, ok := reserved[pid]; ok {
			r.pid = pid
			*x = r
		} else if s.maps[pid] {
			x.role = mapped
		}
		s.streams[pid], s.order = x, append(s.order, x)
	}
	return x
}

// run reads every packet.
func (s *scanner) run() error {
	err := packets(s.win, s.layout, s.ctx.Err, s.packet, func(g exifscrub.Span) error {
		zeros, err := s.win.Zeros(g.Off, g.End())
		if err == nil && !zeros {
			s.note(keyGap, privacy.Finding{Class: privacy.Unknown, Path: keyGap}, g)
			if s.edit != nil && s.edit.gone[keyGap] {
				s.edit.put(exifscrub.Edit{Off: g.Off, Len: g.Len, Zero: true})
			}
		}
		if s.edit != nil && err == nil {
			err = s.edit.flush(s)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, x := range s.order { // what is still open at the end
		if err := x.units.flush(func() error { return s.unit(x) }); err != nil {
			return err
		}
		s.telemetry(x)
	}
	return nil
}

// packet handles one packet, whose sync byte lies at off.
func (s *scanner) packet(off int64, b []byte) error {
	if s.readers > maxReaders {
		return fmt.Errorf("more than %d streams: %w", maxReaders, input.ErrLimit)
	}
	h := headerOf(b)
	x := s.stream(h.pid)
	s.clean = true
	if !s.whole(x) {
		for _, sp := range stale(h.adapt) {
			sp.Off += off + 4
			s.note(keyAdapt, privacy.Finding{Class: privacy.Unknown, Path: keyAdapt}, sp)
			if s.edit != nil && s.edit.gone[keyAdapt] {
				s.edit.put(exifscrub.Edit{Off: sp.Off, Len: sp.Len, With: nullPacket[4 : 4+sp.Len]})
			}
		}
	}
	if x.open && h.start && h.payload < packetSize {
		x.decide(b[h.payload:])
	}
	var err error
	switch x.role {
	case table, mapped:
		s.table(h, b, off)
	case filler:
		if !blank(b[4:]) {
			s.note(keyFiller, privacy.Finding{Class: privacy.Unknown, Path: keyFiller}, exifscrub.Span{Off: off + 4, Len: packetSize - 4})
			if s.edit != nil && s.edit.gone[keyFiller] {
				s.edit.put(exifscrub.Edit{Off: off, Len: packetSize, With: nullPacket})
			}
		}
	case clock:
		if h.payload < packetSize && !blank(b[h.payload:]) {
			s.drop(x, h, off, "PID%d/data beside a clock")
		}
	case goes, unlisted:
		if x.clock && (h.payload >= packetSize || blank(b[h.payload:])) || h.pid == selectionPID && harmless(b[h.payload:]) {
			break
		}
		s.feed(x, h, b)
		s.drop(x, h, off, "")
	case picture:
		err = s.picture(x, h, b, off)
	case sound:
		s.sound(x, h, b, off)
	}
	if err != nil {
		return err
	}
	if s.edit != nil {
		return s.edit.flush(s)
	}
	s.run64(x, off)
	return nil
}

// whole reports whether the packets of x go with all that is in them, unless
// what they are is found out first.
func (s *scanner) whole(x *stream) bool {
	switch x.role {
	case filler:
		return true
	case goes, unlisted:
		return !x.clock
	case sound:
		return !x.clock && s.edit != nil && s.edit.gone[x.name]
	}
	return false
}

// blank reports whether b is only stuffing.
func blank(b []byte) bool {
	for _, v := range b {
		if v != 0xFF && v != 0 {
			return false
		}
	}
	return true
}

// drop notes a packet that goes: the whole of it, or its payload if it carries
// the clock of a program.
func (s *scanner) drop(x *stream, h header, off int64, name string) {
	if name != "" {
		x.name, x.class = fmt.Sprintf(name, x.pid), privacy.Unknown
	}
	s.clean = false
	if s.edit == nil {
		s.note(x.name, privacy.Finding{Class: x.class, Path: x.name}, exifscrub.Span{Off: off, Len: packetSize})
		return
	}
	if !s.edit.gone[x.name] {
		return
	}
	if x.clock {
		s.edit.put(exifscrub.Edit{Off: off + int64(h.payload), Len: int64(packetSize - h.payload), With: nullPacket[4 : 4+packetSize-h.payload]})
		return
	}
	s.edit.put(exifscrub.Edit{Off: off, Len: packetSize, With: nullPacket})
}

// sound counts a packet of sound, or drops it.
func (s *scanner) sound(x *stream, h header, b []byte, off int64) {
	switch {
	case s.edit != nil && s.edit.gone[x.name] && (!x.clock || h.payload < packetSize && !blank(b[h.payload:])):
		s.drop(x, h, off, "")
	case s.edit == nil:
		x.packets++
	}
}

// feed collects the data of PES packets that may be telemetry.
func (s *scanner) feed(x *stream, h header, b []byte) {
	const most = 64 << 10
	if x.klv == nil || s.edit != nil || h.scrambled {
		return
	}
	if h.start {
		s.telemetry(x)
	}
	if len(x.part) < most {
		x.part = append(x.part, b[h.payload:]...)
	}
}

// telemetry reads what was collected.
func (s *scanner) telemetry(x *stream) {
	if x.klv != nil && len(x.part) > 0 {
		x.klv.add(x.part)
		x.part = x.part[:0]
	}
}

// picture looks for supplemental information in a packet of pictures.
func (s *scanner) picture(x *stream, h header, b []byte, off int64) error {
	if h.scrambled {
		x.scrambled = true
		return nil
	}
	if x.codec == 0 || h.payload >= packetSize {
		return nil
	}
	from := h.payload
	if h.start { // a PES header comes first (section 2.4.3.7)
		if p := b[from:]; len(p) >= 9 && p[0] == 0 && p[1] == 0 && p[2] == 1 {
			from = min(packetSize, from+9+int(p[8]))
		}
	}
	return x.units.add(x.codec, b[from:], off+int64(from), func() error { return s.unit(x) })
}

// unit handles a complete unit of supplemental information.
func (s *scanner) unit(x *stream) error {
	for _, m := range x.codec.Messages(x.units.buf) {
		wanted := false
		for _, f := range m.Fields {
			if f.Class == privacy.Technical {
				continue
			}
			key := unitKey(x, f)
			var spans []exifscrub.Span
			for _, sp := range f.Spans {
				spans = append(spans, x.units.spans(sp.Off, sp.End())...)
			}
			s.clean = s.clean && f.Class == privacy.Exposure
			s.note(key, privacy.Finding{Class: classOf(f), Path: key, Value: privacy.Secret(f.Value), Where: f.Where}, spans...)
			wanted = wanted || s.edit != nil && s.edit.gone[key]
		}
		if wanted {
			b := m.Blank(func(f nal.Field) bool { return f.Class != privacy.Technical && s.edit.gone[unitKey(x, f)] })
			for _, sp := range x.units.spans(m.Span.Off, m.Span.End()) {
				s.edit.put(exifscrub.Edit{Off: sp.Off, Len: sp.Len, With: b[:sp.Len]})
				b = b[sp.Len:]
			}
		}
	}
	return nil
}

// classOf returns the class of a field. What x264 and x265 say about themselves
// is of the class that goes only when asked for, as in other containers.
func classOf(f nal.Field) privacy.Class {
	if f.Class == privacy.Device && (f.Name == "x264" || f.Name == "x265") {
		return privacy.Stream
	}
	return f.Class
}

func unitKey(x *stream, f nal.Field) string {
	if x.codec == nal.H265 {
		return "H265/" + f.Name
	}
	return "H264/" + f.Name
}

// note counts a finding; its first value stands for all.
func (s *scanner) note(key string, f privacy.Finding, spans ...exifscrub.Span) {
	s.clean = false
	if s.edit != nil {
		return
	}
	have := s.found[key]
	if have == nil {
		have = &f
		s.found[key], s.keys = have, append(s.keys, key)
	}
	if have.Count++; len(have.Spans) < 16 {
		have.Spans = append(have.Spans, spans...)
		slices.SortFunc(have.Spans, func(a, b exifscrub.Span) int { return int(a.Off - b.Off) })
	}
}

// run64 joins packets of pictures and sound in which nothing was found to runs
// that verification need not read.
func (s *scanner) run64(x *stream, off int64) {
	const most = 20_000
	if !s.clean || x.role != picture && x.role != sound || x.units.open() {
		return
	}
	if n := len(s.coded); n > 0 && off-s.coded[n-1].End() <= 16 {
		s.coded[n-1].Len = off + packetSize - s.coded[n-1].Off
	} else if n < most {
		s.coded = append(s.coded, exifscrub.Span{Off: off, Len: packetSize})
	}
}
