package djitxt

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"flightveil/internal/input"
)

// KeychainURL is where the vendor hands out keychains. Nothing here calls it.
const KeychainURL = "https://dev.dji.com/openapi/v1/flight-records/keychains"

// ErrPlain says that a log needs no keychain.
var ErrPlain = errors.New("this log is not encrypted: no keychain is needed")

type requestEntry struct {
	FeaturePoint  string `json:"featurePoint"`
	AesCiphertext string `json:"aesCiphertext"`
}

type request struct {
	Version    uint16           `json:"version"`
	Department byte             `json:"department"`
	Keychains  [][]requestEntry `json:"keychainsArray"`
}

// Request returns what the vendor's service wants to know before it answers
// with the keychain of the logs: their wrapped keys, in file order (section
// 5). Logs of one request come from the same app.
func Request(ctx context.Context, logs ...input.Input) ([]byte, error) {
	var out request
	for i, in := range logs {
		h, err := readHeader(in)
		if err != nil {
			return nil, err
		}
		if h.version < 13 {
			return nil, ErrPlain
		}
		if i > 0 && (h.keyVersion != out.Version || h.maker() != out.Department) {
			return nil, errors.New("the logs come from different apps: they need a request each")
		}
		out.Version, out.Department = h.keyVersion, h.maker()
		s, err := survey(ctx, in, h)
		if err != nil {
			return nil, err
		}
		wrapped := 0
		for _, group := range s.groups {
			entries := []requestEntry{} // an empty group has its place in the answer, too
			for _, w := range group {
				point := feature(min(w.feature, uint16(features))).point()
				if point == "" || w.feature == 0 {
					continue
				}
				entries = append(entries, requestEntry{point, base64.StdEncoding.EncodeToString(w.b)})
			}
			wrapped += len(entries)
			out.Keychains = append(out.Keychains, entries)
		}
		if wrapped == 0 {
			return nil, errors.New("the log holds no wrapped keys: it cannot be decrypted")
		}
	}
	b, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the request: %w", err)
	}
	return append(b, '\n'), nil
}

// maker returns the department of the vendor whose app wrote the log; unknown
// ones are served as DJI Fly's.
func (h *header) maker() byte {
	if h.department < 1 || h.department > 8 {
		return 3
	}
	return h.department
}
