package pipeline

import (
	"context"

	"flightveil/geofuzz"
	"flightveil/logfmt"
)

// maxTried bounds the samples that Track returns of one log.
const maxTried = 4 << 20

// Track returns the positions of a log, in its order, and the serials it names.
// A log that breaks off gives what there is before.
func (r *Runner) Track(ctx context.Context, s *Source) (track []geofuzz.Sample, serials []string, err error) {
	if s.skip != "" {
		return nil, nil, errNoLog
	}
	f, in, file, err := r.openLog(s)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	for rec, err := range f.Decode(ctx, in, r.Limits.Defaults()) {
		if err != nil {
			if len(track) > 0 && ctx.Err() == nil {
				break
			}
			return nil, nil, err
		}
		switch x := rec.(type) {
		case logfmt.Fix:
			track = append(track, sampleOf(&x))
		case logfmt.Identifier:
			serials = append(serials, x.Value.Reveal())
		}
		if len(track) == maxTried {
			break
		}
	}
	if len(track) == 0 {
		return nil, nil, geofuzz.ErrNoTrack
	}
	return track, serials, nil
}
