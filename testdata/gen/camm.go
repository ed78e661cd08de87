package main

import (
	"encoding/binary"

	"flightveil/exifscrub/scrubtest"
)

// cammPacket builds a packet of little-endian values.
func cammPacket(kind uint16, values ...any) []byte {
	b := binary.LittleEndian.AppendUint16([]byte{0, 0}, kind)
	for _, v := range values {
		b, _ = binary.Append(b, binary.LittleEndian, v)
	}
	return b
}

// cammGPS is a packet of a receiver; its time counts from epoch, which is so
// many seconds before that of the canaries.
func cammGPS(i int, since float64, mode int32) []byte {
	return cammPacket(6, since+float64(i)/4, mode, float64(e7(scrubtest.Lat, i))/1e7, float64(e7(scrubtest.Lon, 2*i))/1e7,
		float32(1234.5), float32(1.5), float32(2.5), float32(-4), float32(3), float32(0.5), float32(0.1))
}

func cammPosition(i int) []byte {
	return cammPacket(5, float64(e7(scrubtest.Lat, i))/1e7, float64(e7(scrubtest.Lon, 2*i))/1e7, 1234.5)
}

func cammFixtures() map[string][]byte {
	const (
		unix = 1942202873.0
		gps  = unix - 315964800 + 18
	)
	gyro := cammPacket(2, float32(0.1), float32(0.2), float32(0.3))
	zero := cammPacket(5, 0.0, 0.0, 0.0)
	samples := func(since float64) [][]byte {
		return [][]byte{gyro, cammGPS(0, since, 0), cammGPS(1, since, 3), gyro, cammPosition(1), cammGPS(2, since, 2), append(append([]byte{}, gyro...), cammGPS(3, since, 3)...)}
	}
	whole := telemetryVideo(true, nil, telemetryTrack{"camm", samples(gps)})
	noisy := samples(gps)
	noisy[3] = cammPacket(99, uint32(1))
	return map[string][]byte{
		"gps.mp4": telemetryVideo(false, nil, telemetryTrack{"camm", samples(gps)}), "unix.mp4": telemetryVideo(true, nil, telemetryTrack{"camm", samples(unix)}),
		"neither.mp4":   telemetryVideo(true, nil, telemetryTrack{"camm", samples(unix - 1e8)}),
		"positions.mp4": telemetryVideo(true, nil, telemetryTrack{"camm", [][]byte{gyro, zero, cammPosition(1), cammPosition(2)}}), "damaged-cut.mp4": whole[:len(whole)-40],
		"damaged-noise.mp4": telemetryVideo(true, nil, telemetryTrack{"camm", noisy}),
	}
}
