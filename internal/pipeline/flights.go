package pipeline

import (
	"context"
	"math"
	"time"

	"flightveil/logfmt"
)

// FlightSummary is what a flight was like, without saying where.
type FlightSummary struct {
	Format      string
	Flights     int           // in the log
	Positions   int           // of the aircraft
	Duration    time.Duration // between the first and the last position of each flight, added up
	Distance    float64       // metres along the track
	Farthest    float64       // metres from where each flight began, at most
	Height      float64       // metres above take-off, at most; NaN if unknown
	Speed       float64       // m/s, at most: as the log says, else from the track; NaN if unknown
	BatteryUsed float64       // percent; NaN if unknown
	Warnings    int           // messages of severity warning or error
	Damage      int           // places that could not be read
}

// Summarise reads a log and says what its flights were like.
func (r *Runner) Summarise(ctx context.Context, s *Source) (FlightSummary, error) {
	f, in, file, err := r.openLog(s)
	if err != nil {
		return FlightSummary{}, err
	}
	defer file.Close()
	n := math.NaN()
	sum := summer{FlightSummary: FlightSummary{Format: f.ID(), Height: n, Speed: n, BatteryUsed: n}}
	for rec, err := range f.Decode(ctx, in, r.Limits.Defaults()) {
		if err != nil {
			sum.end()
			return sum.FlightSummary, err
		}
		sum.add(rec)
	}
	sum.end()
	return sum.FlightSummary, nil
}

// summer adds up the records of a log.
type summer struct {
	FlightSummary
	inFlight     bool
	first, last  logfmt.Fix
	ground       float64 // sea level height where the flight began, NaN if unknown
	measured     bool    // the log gives speeds
	charge, left float64
}

func (s *summer) add(rec logfmt.Record) {
	switch rec := rec.(type) {
	case logfmt.Start:
		s.end()
	case logfmt.Fix:
		s.fix(rec)
	case logfmt.Message:
		if rec.Severity == "warning" || rec.Severity == "error" {
			s.Warnings++
		}
	case logfmt.Damage:
		s.Damage++
	}
}

func (s *summer) fix(f logfmt.Fix) {
	s.Positions++
	if !s.inFlight {
		s.inFlight, s.first, s.last, s.ground = true, f, f, f.AltMSL
		s.charge, s.left = f.Battery, f.Battery
		s.Flights++
	}
	step := s.last.Distance(f.Point)
	s.Distance += step
	s.Farthest = max(s.Farthest, s.first.Distance(f.Point))
	height := f.AltHome
	if math.IsNaN(height) {
		height = f.AltMSL - s.ground
	}
	s.Height = most(s.Height, height)
	switch dt := duration(s.last, f).Seconds(); {
	case !math.IsNaN(f.Speed):
		if !s.measured {
			s.measured, s.Speed = true, f.Speed
		}
		s.Speed = most(s.Speed, f.Speed)
	case !s.measured && dt > 0.5:
		s.Speed = most(s.Speed, step/dt)
	}
	if !math.IsNaN(f.Battery) {
		s.left = f.Battery
		if math.IsNaN(s.charge) {
			s.charge = f.Battery
		}
	}
	s.last = f
}

// end closes a flight.
func (s *summer) end() {
	if !s.inFlight {
		return
	}
	s.inFlight = false
	s.Duration += max(0, duration(s.first, s.last))
	if used := s.charge - s.left; !math.IsNaN(used) {
		if math.IsNaN(s.BatteryUsed) {
			s.BatteryUsed = 0
		}
		s.BatteryUsed += used
	}
}

// most is the larger number; NaN is less than any.
func most(a, b float64) float64 {
	if math.IsNaN(a) || b > a {
		return b
	}
	return a
}
