package main

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"flightveil/exifscrub/scrubtest"
)

// A parrotRow is one row of Parrot's logs: i metres on the way, 200 ms after
// the row before it; the remote control is 50 metres behind the beginning.
type parrotRow struct {
	i       int
	fix     bool
	remote  bool
	battery int
}

// degrees returns coordinate i metres on; 500 is what stands for none.
func (r parrotRow) degrees(ok bool, from float64, metres int) float64 {
	if !ok {
		return 500
	}
	return float64(e7(from, metres)) / 1e7
}

func (r parrotRow) value(name string, metres bool) any {
	switch name {
	case "time":
		return 200 * r.i
	case "battery_level":
		return r.battery
	case "controller_gps_latitude":
		return r.degrees(r.remote, scrubtest.Lat, -50)
	case "controller_gps_longitude":
		return r.degrees(r.remote, scrubtest.Lon, -50)
	case "product_gps_latitude":
		return r.degrees(r.fix, scrubtest.Lat, r.i)
	case "product_gps_longitude":
		return r.degrees(r.fix, scrubtest.Lon, 2*r.i)
	case "product_gps_available":
		return r.fix
	case "product_gps_sv_number":
		return 14
	case "speed_vx":
		return 3.0
	case "speed_vy":
		return -4.0
	case "speed_vz":
		return -0.5
	case "angle_phi":
		return 0.0625
	case "angle_theta":
		return -0.125
	case "angle_psi":
		return -1.0
	case "altitude":
		if metres {
			return 50.125
		}
		return 50125
	}
	return 0
}

var parrotRows = []parrotRow{{0, false, false, 90}, {1, true, false, 90}, {2, true, true, 89}, {3, true, true, 89}, {4, false, true, 89}, {5, true, true, 88}}

const parrotColumns = "time battery_level controller_gps_longitude controller_gps_latitude flying_state alert_state wifi_signal product_gps_available " +
	"product_gps_longitude product_gps_latitude product_gps_position_error product_gps_sv_number speed_vx speed_vy speed_vz angle_phi angle_theta angle_psi altitude flip_type"

// parrotAbout is what the log says beside its rows.
func parrotAbout(version, date string, id int) string {
	return fmt.Sprintf(`"version": %q, "date": %q, "product_id": %d, "serial_number": %q, "product_name": %q, "uuid": "F88751%s", "software_version": "1.2.1",
 "hardware_version": "HW_03", "controller_model": "Heronphone 3", "controller_application": "%s77,1.2.0", "run_origin": 0`, version, date, id, scrubtest.Serial, scrubtest.Person, scrubtest.Serial, scrubtest.Serial)
}

// parrotJSON is a log as the cloud gives it out.
func parrotJSON(about string, metres, first bool, rows []parrotRow) string {
	names := strings.Fields(parrotColumns)
	var lines []string
	for _, r := range rows {
		var cells []string
		for _, n := range names {
			cells = append(cells, fmt.Sprint(r.value(n, metres)))
		}
		lines = append(lines, "  ["+strings.Join(cells, ", ")+"]")
	}
	data := fmt.Sprintf(" \"details_headers\": [\"%s\"],\n \"details_data\": [\n%s\n ]", strings.Join(names, `", "`), strings.Join(lines, ",\n"))
	end := fmt.Sprintf(" \"crash\": 0, \"total_run_time\": 1000, \"gps_available\": true, \"gps_latitude\": %.7f, \"gps_longitude\": %.7f\n}\n",
		float64(e7(scrubtest.Lat, 1))/1e7, float64(e7(scrubtest.Lon, 2))/1e7)
	if first {
		return "{\n " + about + ",\n" + data + ",\n" + end
	}
	return "{\n" + data + ",\n " + about + ",\n" + end
}

// parrotPUD is a log as the drone holds it.
func parrotPUD(about string, metres bool, rows []parrotRow) (head []byte, packets [][]byte) {
	var columns []string
	kinds := map[string]any{}
	for _, n := range strings.Fields(parrotColumns) {
		kind, size, zero := "integer", 4, any(int32(0))
		switch {
		case strings.Contains(n, "itude") && n != "altitude":
			kind, size, zero = "double", 8, float64(0)
		case n == "product_gps_available":
			kind, size, zero = "boolean", 1, false
		case strings.HasPrefix(n, "speed") || strings.HasPrefix(n, "angle") || n == "altitude" && metres:
			kind, size, zero = "float", 4, float32(0)
		case strings.HasSuffix(n, "state") || n == "wifi_signal" || n == "flip_type":
			size, zero = 1, int8(0)
		}
		columns = append(columns, fmt.Sprintf(`{"name": %q, "type": %q, "size": %d}`, n, kind, size))
		kinds[n] = zero
	}
	head = []byte("{ " + about + ", \"details_headers\": [" + strings.Join(columns, ", ") + "] }\x00")
	for _, r := range rows {
		var b []byte
		for _, n := range strings.Fields(parrotColumns) {
			v := r.value(n, metres)
			switch kinds[n].(type) {
			case int32:
				v = int32(v.(int))
			case int8:
				v = int8(v.(int))
			case float32:
				v = float32(v.(float64))
			}
			b, _ = binary.Append(b, binary.LittleEndian, v)
		}
		packets = append(packets, b)
	}
	return head, packets
}

func parrotFixtures() map[string][]byte {
	bebop, old := parrotPUD(parrotAbout("1.0", "2031-07-19T064753+0200", 2305), false, parrotRows)
	anafi, rows := parrotPUD(parrotAbout("1.2", "2031-07-19T044753+0000", 2324), true, parrotRows)
	noise := slices.Concat(append([][]byte{bebop}, append(slices.Clone(old[:3]), append([][]byte{[]byte("noise that is no row")}, old[3:]...)...)...)...)
	whole := slices.Concat(append([][]byte{anafi}, rows...)...)
	text := parrotJSON(parrotAbout("1.2", "2031-07-19T044753+0000", 2324), true, false, parrotRows)
	return map[string][]byte{
		"bebop.pud": slices.Concat(append([][]byte{bebop}, old...)...), "anafi.pud": whole,
		"anafi.json":       []byte(text),
		"utf16.json":       utf16Text(text),
		"academy.json":     []byte(parrotJSON(parrotAbout("1.1", "2031-07-19T064753+0200", 2305), false, true, parrotRows)),
		"no-zone.json":     []byte(parrotJSON(parrotAbout("1.1", "2031-07-19T044753", 2316), true, true, parrotRows[1:3])),
		"damaged-cut.pud":  whole[:len(whole)-30],
		"damaged-cut.json": []byte(text[:strings.Index(text, "version")-300]), "damaged-noise.pud": noise,
		"damaged-noise.json": []byte(strings.Replace(text, "600, 89", "600\x01noise, 89", 1)),
	}
}

// gutmaLog is a log in GUTMA's format.
func gutmaLog(start, datum, units, keys string, behind bool, items ...string) string {
	logging := fmt.Sprintf(`"altitude_system": %q, "logging_start_dtg": %q, "uom_system": %q,
    "event": [
     {"event_type": "CONTROLLER_EVENT", "event_info": "TAKE_OFF", "event_timestamp": "0.5", "controller_gps_lat": %.7f, "controller_gps_lon": %.7f,
      "product_gps_lat": %.7f, "product_gps_lon": %.7f},
     {"event_type": "ALARM", "event_info": "motor %s", "event_timestamp": "1.5", "controller_gps_lat": 500.0, "controller_gps_lon": 500.0}
    ]`, datum, start, units, float64(e7(scrubtest.Lat, -50))/1e7, float64(e7(scrubtest.Lon, -50))/1e7, float64(e7(scrubtest.Lat, 1))/1e7, float64(e7(scrubtest.Lon, 2))/1e7, `\"3\" \u00e9`)
	rows := fmt.Sprintf("\"flight_logging_items\": [\n     %s\n    ]", strings.Join(items, ",\n     "))
	names := fmt.Sprintf("\"flight_logging_keys\": [%s]", keys)
	if behind {
		logging = rows + ",\n    " + names + ",\n    " + logging
	} else {
		logging = logging + ",\n    " + names + ",\n    " + rows
	}
	return fmt.Sprintf(`{
 "exchange": {"exchange_type": "flight_logging", "message": {
   "flight_data": {
    "aircraft": {"manufacturer": "Heron", "model": "Nycticorax", "name": "the %s drone", "serial_number": %q, "firmware_version": "2.01b"},
    "gcs": {"manufacturer": "Heron", "model": "Stilt", "version": "1.1"},
    "payload": [{"model": "Eye", "serial_number": "%s-2"}, {"model": "Ear", "serial_number": "%s-3"}],
    "pilot_in_command": %q, "project": %q
   },
   "flight_logging": {
    %s
   },
   "file": {"logging_type": "GUTMA_DX_JSON", "filename": "%s_0069", "creation_dtg": "2031-07-19T05:00:00.000Z", "version": "1.0.0"},
   "message_type": "flight_logging_submission"
 }}
}
`, scrubtest.Place, scrubtest.Serial, scrubtest.Serial, scrubtest.Serial, scrubtest.Person, scrubtest.Text, logging, scrubtest.Serial)
}

func gutmaFixtures() map[string][]byte {
	const keys = `"timestamp", "gps_lon", "gps_lat", "gps_altitude", "speed", "speed_vx", "speed_vy", "battery_percent"`
	row := func(i int) string {
		return fmt.Sprintf("[ %.1f, %.7f, %.7f, 1234.567, 5, 3, 4, 89 ]", float64(i)/2, float64(e7(scrubtest.Lon, 2*i))/1e7, float64(e7(scrubtest.Lat, i))/1e7)
	}
	items := []string{"[ 0, 500.0, 500.0, 0, 0, 0, 0, 90 ]", row(1), row(2), row(3)}
	whole := gutmaLog("2031-07-19T04:47:53.250Z", "WGS84", "Metric", keys, true, items...)
	return map[string][]byte{
		"behind.json": []byte(whole), "msl.json": []byte(gutmaLog("2031-07-19T06:47:53.25+02:00", "MSL", "Metric", keys, false, items...)),
		"utf16.json":         utf16Big(whole),
		"agl-imperial.json":  []byte(gutmaLog("2031-07-19T04:47:53.250", "AGL", "Imperial", keys, false, items...)),
		"wrapped.gutma":      []byte("\xEF\xBB\xBF{\"gutma\": " + gutmaLog("2031-07-19T04:47:53.250Z", "ATO", "Metric", keys, true, items[1:]...) + "}"),
		"damaged-cut.json":   []byte(whole[:strings.Index(whole, "flight_logging_keys")+200]),
		"damaged-noise.json": []byte(strings.Replace(whole, row(2), row(2)[:20]+"\x02\x03 ]] noise \""+row(2)[22:], 1)),
		"damaged-row.json":   []byte(strings.Replace(whole, row(2), strings.Replace(row(2), ", 5, 3", ", 3", 1), 1)),
	}
}
