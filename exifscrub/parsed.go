package exifscrub

import "flightveil/internal/input"

// shared is the input of one scan. It carries what the container made of it
// from Walk to Edits.
type shared struct {
	Input
	parsed any
	coded  []Span
}

// InMemory lets a container see what is in memory without copying it.
func (s *shared) InMemory(off int64) []byte { return input.InMemory(s.Input, off) }

// Parsed returns what parse makes of in. Within one scan Walk and Edits share
// the result, which they must not change, so that a file is parsed once; an
// error is not remembered. Containers need not use it.
func Parsed[T any](in Input, parse func() (T, error)) (T, error) {
	s, ok := in.(*shared)
	if !ok {
		return parse()
	}
	if v, ok := s.parsed.(T); ok {
		return v, nil
	}
	v, err := parse()
	if err == nil {
		s.parsed = v
	}
	return v, err
}
