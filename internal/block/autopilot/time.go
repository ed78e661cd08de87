// Package autopilot holds what the logs of ArduPilot and PX4 have in common:
// GPS time, which parameters and texts name a vehicle or a person, and which
// mission commands carry a position.
package autopilot

import (
	"sort"
	"time"
)

// gpsEpoch is the beginning of GPS week 0 (IS-GPS-200).
var gpsEpoch = time.Date(1980, 1, 6, 0, 0, 0, 0, time.UTC)

// leaps are the days from which on GPS time is one more second ahead of UTC
// (IERS Bulletin C).
var leaps = [...]time.Time{
	day(1981, 7), day(1982, 7), day(1983, 7), day(1985, 7), day(1988, 1), day(1990, 1), day(1991, 1), day(1992, 7), day(1993, 7),
	day(1994, 7), day(1996, 1), day(1997, 7), day(1999, 1), day(2006, 1), day(2009, 1), day(2012, 7), day(2015, 7), day(2017, 1),
}

func day(year int, month time.Month) time.Time {
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}

// firstWeek lies in 2006, before there was an autopilot that could have logged
// it: smaller numbers come from receivers that count weeks modulo 1024.
const firstWeek = 1400

// GPSTime returns the UTC time of a GPS week and the time in it, and false for
// a week no log can have.
func GPSTime(week int, inWeek time.Duration) (time.Time, bool) {
	if week <= 0 || week > 5000 || inWeek < 0 || inWeek > 7*24*time.Hour {
		return time.Time{}, false
	}
	for week < firstWeek {
		week += 1024
	}
	gps := gpsEpoch.Add(time.Duration(week)*7*24*time.Hour + inWeek)
	n := sort.Search(len(leaps), func(i int) bool { return gps.Before(leaps[i].Add(time.Duration(i+1) * time.Second)) })
	return gps.Add(-time.Duration(n) * time.Second), true
}

// UnixMicros returns the UTC time of a count of microseconds since 1970, and
// false where that is no time of a flight: a clock that was never set.
func UnixMicros(us uint64) (time.Time, bool) {
	if us < earliest || us > latest {
		return time.Time{}, false
	}
	return time.UnixMicro(int64(us)).UTC(), true
}

const (
	earliest = 1104537600e6 // 2005-01-01
	latest   = 4102444800e6 // 2100-01-01
)
