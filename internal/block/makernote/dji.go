package makernote

import (
	"bytes"

	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// djiTable is that of the notes up to the Mavic: speeds and angles as floats.
func djiTable() table {
	return table{
		0x0001: {name: "Make", class: device},
		0x0003: {name: "SpeedX", class: attitude},
		0x0004: {name: "SpeedY", class: attitude},
		0x0005: {name: "SpeedZ", class: attitude},
		0x0006: {name: "Pitch", class: attitude},
		0x0007: {name: "Yaw", class: attitude},
		0x0008: {name: "Roll", class: attitude},
		0x0009: {name: "CameraPitch", class: attitude},
		0x000a: {name: "CameraYaw", class: attitude},
		0x000b: {name: "CameraRoll", class: attitude},
	}
}

// djiIFD recognises such a note by its first entries: a short directory with
// known types.
func djiIFD(head []byte, make, _ string) bool {
	if make != "DJI" || len(head) < 14 || bytes.HasPrefix(head, []byte("DJI")) || bytes.Equal(head[3:min(8, len(head))], []byte("@AMBA")) {
		return false
	}
	n := int(head[0]) | int(head[1])<<8
	typ := int(head[4]) | int(head[5])<<8
	return n > 0 && n < 64 && typ > 0 && typ <= 12
}

// djiKeys names the entries of the newer notes, a list of [key:value] with
// binary values of fixed length and no offsets.
func djiKeys() map[string]tag {
	return map[string]tag{
		"sensor_id":                   {name: "SensorID", class: identity},
		"FlightDegree(Y,P,R)":         {name: "FlightDegree", class: attitude},
		"FlightSpeed(X,Y,Z)":          {name: "FlightSpeed", class: attitude},
		"GimbalDegree(Y,P,R)":         {name: "GimbalDegree", class: attitude},
		"ae_dbg_info":                 {name: "AEDebugInfo", class: unknown},
		"ae_histogram_info":           {name: "AEHistogramInfo", class: unknown},
		"ae_liveview_histogram_info":  {name: "AELiveViewHistogramInfo", class: unknown},
		"ae_liveview_local_histogram": {name: "AELiveViewLocalHistogram", class: unknown},
		"ae_local_histogram":          {name: "AELocalHistogram", class: unknown},
		"adj_dbg_info":                {name: "ADJDebugInfo", class: unknown},
		"af_dbg_info":                 {name: "AFDebugInfo", class: unknown},
		"awb_dbg_info":                {name: "AWBDebugInfo", class: unknown},
		"hiso":                        {name: "Histogram", class: unknown},
		"hyperlapse_dbg_info":         {name: "HyperlapsDebugInfo", class: unknown},
		"xidiri":                      {name: "Xidiri", class: unknown},
	}
}

// parseDJIInfo finds the entries of a newer note wherever they are: some
// firmware writes a broken directory in front of them.
func parseDJIInfo(p *parser, _ []byte) error {
	b, err := p.bytes(p.note.Off, p.note.Len)
	if err != nil {
		return err
	}
	type found struct {
		at, value int
		tag
	}
	var list []found
	keys := djiKeys()
	for at := bytes.IndexByte(b, '['); at >= 0; {
		if colon := bytes.IndexByte(b[at:min(len(b), at+48)], ':'); colon > 0 {
			if t, ok := keys[string(b[at+1:at+colon])]; ok {
				if p.items++; p.items > p.lim.Items {
					return input.ErrLimit
				}
				list = append(list, found{at, at + colon + 1, t})
			}
		}
		next := bytes.IndexByte(b[at+1:], '[')
		if next < 0 {
			break
		}
		at += 1 + next
	}
	for i, f := range list {
		end := len(b)
		if i+1 < len(list) {
			end = list[i+1].at
		}
		value := b[f.value:end]
		if f.class != unknown { // text, padded with NUL: the bracket behind it closes it
			if n := bytes.IndexByte(value, ']'); n >= 0 {
				value = value[:n]
			}
		} else {
			value = bytes.TrimSuffix(value, []byte("]"))
		}
		span := input.Span{Off: p.note.Off + int64(f.value), Len: int64(len(value))}
		p.used = append(p.used, input.Span{Off: p.note.Off + int64(f.at), Len: int64(f.value - f.at)}, input.Span{Off: span.End(), Len: min(1, p.note.End()-span.End())})
		if err := p.add(Field{Name: f.name, Class: f.class, Spans: []input.Span{span}, Value: textOf(value[:min(len(value), maxText)])}); err != nil {
			return err
		}
	}
	if len(list) == 0 {
		p.n.Known = false
		return p.add(Field{Name: "DJIMakerNote", Class: privacy.Unknown, Spans: []input.Span{p.note}})
	}
	return nil
}
