package nal

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"flightveil/internal/privacy"
)

// Identifiers of user data (H.264 D.2.7), in hexadecimal.
const (
	uuidMDPM  = "17ee8c60f84d11d98cd60800200c9a66" // AVCHD
	uuidX264  = "dc45e9bde6d948b7962cd820d923eeef"
	uuidX265  = "2ca2de09b51747dbbb55a4fe7fc2fc4e"
	uuidMISP  = "4d4953506d6963726f73656374696d65" // MISB ST 0604: microseconds, in H.264
	uuidMISP5 = "a8687dd4d7593758a5cef0338b6545f1" // the same in H.265
	uuidNano  = "cf848278ee23306c9265e8fef22fb8b8" // nanoseconds
)

const uuidLen = 16

// unregistered reads user data that a UUID names.
func unregistered(b []byte) []Field {
	if len(b) < uuidLen {
		return whole(privacy.Unknown, "user_data_unregistered", "", b)
	}
	data := b[uuidLen:]
	switch id := hex.EncodeToString(b[:uuidLen]); id {
	case uuidMDPM:
		switch {
		case bytes.HasPrefix(data, []byte("MDPM")):
			return mdpm(b)
		case bytes.HasPrefix(data, []byte("GA94")): // captions, ATSC A/53 part 4
			return whole(privacy.Technical, "captions", "", b)
		}
	case uuidX264:
		return x264(b)
	case uuidX265:
		return whole(privacy.Device, "x265", text(data), b)
	case uuidMISP, uuidMISP5, uuidNano:
		return whole(privacy.Time, "MISP/PrecisionTimeStamp", mispTime(id, data), b)
	}
	return whole(privacy.Unknown, "user_data_unregistered", text(data), b)
}

// x264 reads the settings that x264 writes. Decoders recognise errors of
// versions before 151 by their number and undo them, so it stays.
func x264(b []byte) []Field {
	const begin = "x264 - core "
	const sound = 151
	data := b[uuidLen:]
	settings := whole(privacy.Device, "x264", text(data), b)
	if !bytes.HasPrefix(data, []byte(begin)) {
		return settings
	}
	end := len(begin)
	for end < len(data) && data[end] >= '0' && data[end] <= '9' {
		end++
	}
	if core, err := strconv.Atoi(string(data[len(begin):end])); err != nil || core >= sound {
		return settings
	}
	stays := part(privacy.Technical, "x264 build", string(data[len(begin):end]), 0, uuidLen+end)
	if len(bytes.Trim(data[end:], "\xff\x00")) == 0 {
		return stays
	}
	return append(stays, part(privacy.Device, "x264", text(data), uuidLen+end, len(b))...)
}

// mispTime reads a time stamp of MISB ST 0604: a status, then two bytes at a
// time with 0xFF between them.
func mispTime(id string, b []byte) string {
	if len(b) < 12 {
		return ""
	}
	var v []byte
	for i := 1; i < 12; i += 3 {
		v = append(v, b[i], b[i+1])
	}
	n := int64(binary.BigEndian.Uint64(v))
	if id == uuidNano {
		n /= 1000
	}
	if n <= 0 || n > 1<<53 {
		return ""
	}
	return time.UnixMicro(n).UTC().Format("2006-01-02T15:04:05.000000Z")
}

// registered reads user data that ITU-T T.35 codes name. What display needs
// and captions stay.
func registered(b []byte) []Field {
	for _, known := range []struct{ prefix, name string }{
		{"\xb5\x00\x31GA94", "captions"},       // ATSC A/53 part 4
		{"\xb5\x00\x31DTG1", "AFD"},            // ETSI TS 101 154, B.3
		{"\xb5\x00\x2f", "captions"},           // DirecTV
		{"\xb5\x00\x3c\x00\x01\x04", "HDR10+"}, // SMPTE ST 2094-40
		{"\xb5\x00\x3b", "Dolby Vision"},
		{"\x26\x00\x04\x00\x05", "HDR Vivid"}, // T/UWA 005
		{"\xb4\x00\x50", "LCEVC"},             // ISO/IEC 23094-2
	} {
		if bytes.HasPrefix(b, []byte(known.prefix)) {
			return whole(privacy.Technical, known.name, "", b)
		}
	}
	return whole(privacy.Unknown, "user_data_registered_itu_t_t35", "", b)
}

// text returns b if it can be read, or how long it is.
func text(b []byte) string {
	s := string(bytes.TrimRightFunc(b, func(r rune) bool { return r == 0 || r == utf8.RuneError })) // 0xFF is no UTF-8
	for _, r := range s {
		if r < ' ' && r != '\n' && r != '\t' || r > '~' {
			return fmt.Sprintf("%d bytes", len(b))
		}
	}
	return s
}
