package exifscrub

import (
	"testing"
	"time"

	"flightveil/internal/geo"
)

// ahead is a Mover that sets clocks back by its own length; wall clocks, an hour more.
type ahead time.Duration

func (a ahead) Place(p geo.Point, aside bool) (geo.Point, bool)      { return p, true }
func (a ahead) Miss()                                                {}
func (a ahead) Height(m float64, home bool) (above float64, ok bool) { return m, true }
func (a ahead) UTC(t time.Time) (time.Time, bool)                    { return t.Add(-time.Duration(a)), true }
func (a ahead) Wall(t time.Time) (time.Time, bool) {
	return t.Add(-time.Duration(a) - time.Hour), true
}

func TestMoveTime(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		in   string
		utc  bool
		back time.Duration
		want string // "" if it has to go
	}{
		{"2031-07-19T04:47:53Z", false, day, "2031-07-18T04:47:53Z"},
		{"2031-07-19T04:47:53.250Z", false, 500 * time.Millisecond, "2031-07-19T04:47:52.750Z"},
		{"2031-07-19T04:47:53.6Z", false, 150 * time.Millisecond, "2031-07-19T04:47:53.5Z"}, // rounded to what it told
		{"2031-07-19T16:47:53+12:00", false, day, "2031-07-18T04:47:53+00:00"},
		{"2031-07-19T16:47:53+1200", false, day, "2031-07-18T04:47:53+0000"},
		{"2031-07-19T01:47:53-03", false, day, "2031-07-18T04:47:53+00"},
		{"2031:07:19 04:47:53", false, day, "2031:07:18 03:47:53"},
		{"2031:07:19 04:47:53", true, day, "2031:07:18 04:47:53"},
		{"2017.8.5 14:11:51", false, day, "2017.8.4 13:11:51"},
		{"2017.8.5 14:11:51", false, -5 * day, ""}, // no room for the tenth
		{"2018-02-19 08:04:51,265,847", false, 265847 * time.Microsecond, "2018-02-19 07:04:51,000,000"},
		{"2000-01-01T00:00:00Z", false, time.Second, "1999-12-31T23:59:59Z"},
		{"2031-07-19", false, day, ""}, // no time of day: it could not be told which day it becomes
		{"2031-07-19T04:47", false, day, ""},
		{"2031-13-19T04:47:53Z", false, day, ""},
		{"2031-07-19T04:47:53 NZST", false, day, ""},
		{"2031-07-19T04:47:53.Z", false, day, ""},
		{"12345.678", false, day, ""},
		{"", false, day, ""},
	} {
		got, ok := MoveTime(c.in, c.utc, ahead(c.back))
		if ok != (c.want != "") || got != c.want {
			t.Errorf("%q becomes %q (%v), want %q", c.in, got, ok, c.want)
		}
		if ok && len(got) != len(c.in) {
			t.Errorf("%q changes its length", c.in)
		}
	}
}
