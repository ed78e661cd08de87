package exifscrub

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// MoveTime moves the date and time that s is and writes it in the same form,
// with as many characters and as exactly as it was: 2031-07-19T04:47:53.123Z,
// 2031:07:19 04:47:53, 2017.8.5 14:11:51, 2018-02-19 08:04:51,265,847,
// 2031-07-19T16:47:53+1200. A zone becomes UTC. utc says that a time without a
// zone is in UTC. ok is false if s is none of these, has no time of day, or has
// no room for the new one.
func MoveTime(s string, utc bool, mv Mover) (moved string, ok bool) {
	w, ok := parseWritten(s)
	if !ok {
		return "", false
	}
	if w.zone == "" && !utc {
		w.t, ok = mv.Wall(w.t)
	} else {
		w.t, ok = mv.UTC(w.t)
	}
	if !ok {
		return "", false
	}
	return w.write()
}

// A written time is a time and the form it stands in.
type written struct {
	t      time.Time
	digits [6]int    // of year, month, day, hour, minute, second
	seps   [5]byte   // between them
	tail   [2]string // the fraction with its separators: ".123", ",265,847"
	zone   string
}

func parseWritten(s string) (w written, ok bool) {
	var v [6]int
	rest := s
	for k := range v {
		n := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		if most := 2; n == 0 || k == 0 && n != 4 || k > 0 && n > most {
			return w, false
		}
		v[k], _ = strconv.Atoi(rest[:n])
		w.digits[k] = n
		if rest = rest[n:]; k == 5 {
			break
		}
		if rest == "" || strings.IndexByte([]string{"-:./", "-:./", "T ", ":", ":"}[k], rest[0]) < 0 {
			return w, false
		}
		w.seps[k], rest = rest[0], rest[1:]
	}
	if v[1] < 1 || v[1] > 12 || v[2] < 1 || v[2] > 31 || v[3] > 23 || v[4] > 59 || v[5] > 60 {
		return w, false
	}
	fraction := ""
	for k := range w.tail { // milliseconds and, in captions, microseconds
		if rest == "" || rest[0] != '.' && rest[0] != ',' {
			break
		}
		n := len(rest[1:]) - len(strings.TrimLeft(rest[1:], "0123456789"))
		if n == 0 || n > 9 || k == 1 && (len(w.tail[0]) != 4 || n != 3) {
			return w, false
		}
		w.tail[k], rest = rest[:1+n], rest[1+n:]
		fraction += w.tail[k][1:]
	}
	w.zone = rest
	ahead, ok := zoneAhead(rest)
	if !ok {
		return w, false
	}
	nanos, _ := strconv.Atoi((fraction + "000000000")[:9])
	w.t = time.Date(v[0], time.Month(v[1]), v[2], v[3], v[4], v[5], nanos, time.UTC).Add(-ahead)
	return w, true
}

// zoneAhead reads "", "Z", "+02", "+0200" and "+02:00".
func zoneAhead(s string) (time.Duration, bool) {
	switch s {
	case "", "Z":
		return 0, true
	}
	for _, layout := range []string{"-07:00", "-0700", "-07"} {
		if t, err := time.Parse(layout, s); err == nil {
			_, sec := t.Zone()
			return time.Duration(sec) * time.Second, true
		}
	}
	return 0, false
}

// write returns the time in its form.
func (w *written) write() (string, bool) {
	places := max(0, len(w.tail[0])-1) + max(0, len(w.tail[1])-1)
	unit := time.Second
	for range places {
		unit /= 10
	}
	t := w.t.Round(max(unit, 1))
	var b bytes.Buffer
	for k, v := range []int{t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second()} {
		s := fmt.Sprintf("%0*d", w.digits[k], v)
		if len(s) != w.digits[k] || v < 0 {
			return "", false
		}
		b.WriteString(s)
		if k < len(w.seps) {
			b.WriteByte(w.seps[k])
		}
	}
	fraction := fmt.Sprintf("%09d", t.Nanosecond())
	for _, p := range w.tail {
		if p != "" {
			b.WriteString(p[:1] + fraction[:len(p)-1])
			fraction = fraction[len(p)-1:]
		}
	}
	if w.zone != "" && w.zone != "Z" {
		w.zone = "+" + strings.Map(func(r rune) rune {
			if r == ':' {
				return r
			}
			return '0'
		}, w.zone[1:])
	}
	b.WriteString(w.zone)
	return b.String(), true
}
