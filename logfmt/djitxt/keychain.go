package djitxt

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"flightveil/internal/input"
	"flightveil/logfmt"
)

// A feature is a group of record types that share a key (section 5).
type feature byte

const (
	base feature = iota + 1
	vision
	waypoint
	agriculture
	airLink
	afterSales
	djiFlyCustom
	plaintext
	flightHub
	gimbal
	rc
	camera
	battery
	flySafe
	security
	features
)

var featureNames = [features]string{"", "Base", "Vision", "Waypoint", "Agriculture", "AirLink", "AfterSales", "DJIFlyCustom", "Plaintext",
	"FlightHub", "Gimbal", "RC", "Camera", "Battery", "FlySafe", "Security"}

// point returns the feature's name in requests and answers.
func (f feature) point() string {
	if f >= features {
		return ""
	}
	return fmt.Sprintf("FR_Standardization_Feature_%s_%d", featureNames[f], f)
}

// featureOf returns which key the records of a type need.
func featureOf(kind, version byte) feature {
	switch kind {
	case 1, 2, 6, 13, 14, 15, 40, 58, 59, 63:
		return base
	case 5, 9, 10, 20, 24, 30, 54:
		return djiFlyCustom
	case 17, 18:
		return vision
	case 12, 16, 19, 26, 27:
		return afterSales
	case 31, 32, 34, 35, 36, 38, 39:
		return waypoint
	case 21, 41, 43, 44, 45, 46, 47, 48:
		return agriculture
	case 49:
		return airLink
	case 55:
		return security
	}
	var now, before feature = plaintext, plaintext
	switch kind {
	case 3:
		now, before = gimbal, base
	case 4, 11, 29, 33:
		now, before = rc, base
	case 7, 8:
		now, before = battery, base
	case 22:
		now, before = battery, afterSales
	case 25:
		now, before = camera, base
	case 28, 51, 52:
		now, before = flySafe, afterSales
	case 53:
		now, before = flightHub, afterSales
	case 62:
		now = rc
	}
	if version == 13 {
		return before
	}
	return now
}

// A secretKey opens the records of one feature.
type secretKey struct {
	block cipher.Block
	iv    [aes.BlockSize]byte // of the next record
	lost  bool                // iv is not known: a record may be missing
}

// open decrypts b in place and returns it without padding. The next record's
// first block depends on this one's last.
func (k *secretKey) open(b []byte) ([]byte, bool) {
	n := len(b)
	if n == 0 || n%aes.BlockSize != 0 {
		return nil, false
	}
	var last [aes.BlockSize]byte
	copy(last[:], b[n-aes.BlockSize:])
	before := k.iv
	for part := b; len(part) > 0; part = part[aes.BlockSize:] {
		coded := [aes.BlockSize]byte(part)
		k.block.Decrypt(part[:aes.BlockSize], part)
		for i := range before {
			part[i] ^= before[i]
		}
		before = coded
	}
	k.iv = last
	pad := int(b[n-1])
	if pad == 0 || pad > aes.BlockSize || !bytes.Equal(b[n-pad:], bytes.Repeat(b[n-1:], pad)) {
		return nil, false
	}
	return b[:n-pad], true
}

// skip notes that b is not decrypted.
func (k *secretKey) skip(b []byte) {
	if len(b) >= aes.BlockSize {
		copy(k.iv[:], b[len(b)-aes.BlockSize:])
		k.lost = false
	}
}

// keyGroup holds the keys of one group of records: a new one begins when the
// app was started again in flight.
type keyGroup [features]*secretKey

// A keychain is one answer: the groups in file order.
type keychain []keyGroup

// parseKeychain reads an answer of the vendor's service.
func parseKeychain(b []byte) (keychain, error) {
	var answer struct {
		Data [][]struct{ FeaturePoint, AesKey, AesIv string }
	}
	if err := json.Unmarshal(b, &answer); err != nil {
		return nil, errors.New("not the JSON of a keychain answer")
	}
	names := map[string]feature{}
	for f := base; f < features; f++ {
		names[f.point()] = f
	}
	var out keychain
	for _, group := range answer.Data {
		var keys keyGroup
		for _, entry := range group {
			f, ok := names[entry.FeaturePoint]
			key, kerr := base64.StdEncoding.DecodeString(entry.AesKey)
			iv, ierr := base64.StdEncoding.DecodeString(entry.AesIv)
			if !ok || kerr != nil || ierr != nil || len(iv) != aes.BlockSize {
				continue
			}
			block, err := aes.NewCipher(key)
			if err != nil {
				continue
			}
			keys[f] = &secretKey{block: block, iv: [aes.BlockSize]byte(iv)}
		}
		out = append(out, keys)
	}
	if len(out) == 0 {
		return nil, errors.New("a keychain answer without keys")
	}
	return out, nil
}

// CheckKeychain reports whether b is an answer of the vendor's keychain
// service that holds keys.
func CheckKeychain(b []byte) error {
	_, err := parseKeychain(b)
	return err
}

const (
	trials    = 4    // records of each feature and group that a keychain is tried on
	maxTrial  = 4096 // bytes of such a record
	maxTrials = 1024
	maxGroups = 1024
)

// A sample is a record as it stands in the file, without its scrambling.
type sample struct {
	group int
	kind  byte
	feature
	b []byte
}

// A wrapped key is what DJI's service turns into a key.
type wrapped struct {
	feature uint16
	b       []byte
}

// An overview is what a first pass over the records found.
type overview struct {
	groups  [][]wrapped
	samples []sample
}

// survey collects what the choice among keychains and a request for one need.
func survey(ctx context.Context, in input.Input, h *header) (*overview, error) {
	o, s, r := &overview{groups: make([][]wrapped, 1)}, newScrambler(), newReader(in, h)
	seen, lost := [features]int{}, false
	for n := 0; ; n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		switch r.next() {
		case ended:
			return o, r.err
		case gotDamage:
			lost = true // what follows may not begin a chain
		case gotRecord:
			switch f := featureOf(r.kind, h.version); {
			case r.kind == 56:
				b := s.plain(nil, r.payload, r.kind)
				if last := len(o.groups) - 1; len(b) >= 4 && int(le.Uint16(b[2:])) <= len(b)-4 && len(o.groups[last]) < 64 {
					o.groups[last] = append(o.groups[last], wrapped{le.Uint16(b), b[4:][:le.Uint16(b[2:])]})
				}
			case r.kind == 50 && len(o.groups) < maxGroups:
				o.groups = append(o.groups, nil)
				seen, lost = [features]int{}, false
			case f != plaintext && seen[f] < trials && !lost && len(r.payload) <= maxTrial && len(o.samples) < maxTrials:
				seen[f]++
				o.samples = append(o.samples, sample{len(o.groups) - 1, r.kind, f, s.plain(nil, r.payload, r.kind)})
			}
		}
	}
}

// match returns the keychain that opens the log's records, as an answer does
// not say which log it belongs to.
func (o *overview) match(answers [][]byte) (keychain, error) {
	if len(answers) == 0 {
		return nil, logfmt.ErrKey
	}
	most, best, at := 0, -1, 0
	for i, b := range answers {
		k, err := parseKeychain(b)
		if err != nil {
			continue
		}
		// One answer may be for several logs, one after another.
		for skip := 0; skip < min(len(k), maxGroups); skip++ {
			if good := o.fit(k[skip:]); good > most {
				most, best, at = good, i, skip
			}
		}
	}
	if best < 0 {
		return nil, fmt.Errorf("none of the keychain files given fits this log: %w", logfmt.ErrKey)
	}
	k, err := parseKeychain(answers[best]) // anew: trying moves its vectors on
	if err != nil {
		return nil, err
	}
	return k[at:], nil
}

// fit returns how many of the samples k opens, or 0 if that is chance.
func (o *overview) fit(k keychain) (good int) {
	bad := 0
	for _, s := range o.samples {
		if s.group >= len(k) || k[s.group][s.feature] == nil {
			continue
		}
		b, ok := k[s.group][s.feature].open(bytes.Clone(s.b))
		if ok && s.kind == recOSD { // padding alone is right once in 256 times
			ok = len(b) >= 16 && isAngle(f64(b)) && isAngle(f64(b[8:]))
		}
		if ok {
			good++
		} else {
			if bad++; bad > trials && good == 0 {
				return 0
			}
		}
	}
	if good <= bad {
		return 0
	}
	return good
}
