package djitxt

import (
	"bytes"
	"strconv"
	"strings"
)

// text reads a field: up to the first NUL, as stray bytes may follow, and
// without what is no UTF-8, as a name may be cut inside a rune.
func text(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return strings.TrimSpace(strings.Map(printable, strings.ToValidUTF8(string(b), "")))
}

func printable(r rune) rune {
	if r < ' ' && r != '\n' || r == 0x7F {
		return -1
	}
	return r
}

func isPrintable(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// serial reads a serial number; one of zeros only is none.
func serial(b []byte) string {
	s := text(b)
	if strings.Trim(s, "0") == "" {
		return ""
	}
	return s
}

// batterySerial reads the serial number of a battery. The Inspire 1 writes a
// digit in the low half of each byte, the last digit first.
func batterySerial(b []byte) string {
	if s := serial(b); s != "" || len(b) == 0 || b[0] > 9 {
		return s
	}
	var digits []byte
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] > 9 {
			return ""
		}
		digits = append(digits, '0'+b[i])
	}
	return strings.TrimLeft(string(digits), "0")
}

// products names the aircraft of section 3.
var products = [256]string{
	1: "Inspire 1", 2: "Phantom 3 Standard", 3: "Phantom 3 Advanced", 4: "Phantom 3 Professional", 6: "Matrice 100", 7: "Phantom 4", 11: "Matrice 600",
	12: "Phantom 3 4K", 13: "Mavic Pro", 17: "Inspire 2", 24: "Phantom 4 Pro", 26: "Spark", 28: "Phantom 4 Advanced", 29: "Phantom 3 SE", 31: "Matrice 200",
	33: "Matrice 210", 38: "Mavic Air", 42: "Mavic 2", 44: "Phantom 4 Pro V2", 46: "Phantom 4 RTK", 58: "Mavic 2 Enterprise", 59: "Mavic Mini",
	67: "Mavic Air 2", 70: "Matrice 300 RTK", 73: "FPV", 75: "Air 2S", 76: "Mini 2", 77: "Mavic 3", 96: "Mini SE", 103: "Mini 3 Pro", 111: "Mavic 3 Pro",
	113: "Mini 2 SE", 116: "Matrice 30", 118: "Mavic 3 Enterprise", 121: "Avata", 126: "Mini 4 Pro", 152: "Avata 2", 170: "Matrice 350 RTK",
}

func productName(n byte) string {
	if s := products[n]; s != "" {
		return s
	}
	return "product " + strconv.Itoa(int(n))
}

func platformName(n byte) string {
	switch n {
	case 1:
		return "iOS"
	case 2:
		return "Android"
	case 6:
		return "DJI Fly"
	case 10:
		return "Windows"
	case 11:
		return "macOS"
	case 12:
		return "Linux"
	}
	return "platform " + strconv.Itoa(int(n))
}
