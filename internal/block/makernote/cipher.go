package makernote

import (
	"encoding/binary"
	"encoding/hex"
)

// A cipherKey is what parts of a note are enciphered with. Nikon takes a byte
// of the serial number and the four bytes of the shutter count, combined;
// Pentax takes date and time.
type cipherKey struct {
	serial, count byte
	date, time    uint32
}

// A keyPart marks a field that is part of the key.
type keyPart struct {
	remove func(*cipherKey) // sets what the removed field stands for
}

// sealed marks a field that is enciphered.
type sealed struct {
	reseal func(before, after cipherKey) []byte // the value under another key
	blank  func(cipherKey) []byte               // what reads as zero; nil: zeros
}

// nikonStream enciphers or deciphers b, the part of a block that is
// enciphered, in place. The cipher of Nikon's ShotInfo, ColorBalance and
// LensData is a byte stream seeded by two substitution tables.
func nikonStream(b []byte, k cipherKey) {
	seedSerial, seedCount := nikonTables()
	ci, cj, ck := seedSerial[k.serial], seedCount[k.count], byte(0x60)
	for i := range b {
		cj += ci * ck
		ck++
		b[i] ^= cj
	}
}

// nikonTables returns the two substitution tables of Nikon's cipher.
func nikonTables() (serial, count [256]byte) {
	b, _ := hex.DecodeString(nikonSerialTable + nikonCountTable) // constants
	copy(serial[:], b)
	copy(count[:], b[256:])
	return serial, count
}

const (
	nikonSerialTable = "c1bf6d0d59c5139d83616b4fc77f3d3d5359e3c7e92f95a7951fdf7f2b29c70d" +
		"df07ef71893d133d3b13fb0d89c1651fb30d6b29e3fbefa36b477f9535a7474f" +
		"c7f1599535112961f13db32b0d4389c19d9d8965f1e9dfbf3d7f5397e5e99517" +
		"1d3d8bfbc7e367a707f171a753b52989e52ba71729e94fc5656d6bef0d89492f" +
		"b34353651d49a3138959ef6bef651d0b5913e34f9db329432b071d95595947fb" +
		"e5e961472f357f177fef7f959571d3a30b71a3ad0b3bb5fba3bf4f831dade92f" +
		"7165a3e507353d0db5e9e5473b9def35a3bfb3df53d397534971073561712f43" +
		"2f11df1797fb953b7f6bd325bfadc7c5c5b58bef2fd3076b25499525496d71c7"
	nikonCountTable = "a7bcc9ad91df85e5d478d517467c294c4d03e925681186b3bdf76f6122a22634" +
		"2abe1e4614689d4418c240f47e5f1bad0b94b667b40be1ea959c66dce75d6c05" +
		"dad5df7aeff6db1f824cc06847a1bdee3950564adddfa5f8c6daca90ca01429d" +
		"8b0c7343750594de24b38034e52cdc9b3fca3345d0db5ff552c321dae222726b" +
		"3ed05ba8878c065d0fdd091993d0b9fc8b0f8460331c9b45f1f0a3943a127733" +
		"4d4478283c9efd655716946bfb59d0c82236dbd2639843a1048786f7a626bbd6" +
		"594dbf6a2eaa2befe678b64ee02fdc7cbe5719327e2ad0b8ba29003c527da849" +
		"3b2deb2549faa3aa39a7c5a7501136fbc6674af5a512657eb0dfaf4eb3617f2f"
)

// resealNikon returns how to encipher anew the value b, of which the bytes from
// start on are enciphered.
func resealNikon(b []byte, start int) *sealed {
	return &sealed{reseal: func(before, after cipherKey) []byte {
		out := append([]byte(nil), b...)
		if start < len(out) {
			nikonStream(out[start:], before)
			nikonStream(out[start:], after)
		}
		return out
	}}
}

// sonyDecipher returns b deciphered. Sony's cipher replaces every byte c < 249
// by its cube modulo 249.
func sonyDecipher(b []byte) []byte {
	var plain [256]byte
	for c := range 256 {
		if c < 249 {
			plain[c*c*c%249] = byte(c)
		} else {
			plain[c] = byte(c)
		}
	}
	out := make([]byte, len(b))
	for i, c := range b {
		out[i] = plain[c]
	}
	return out
}

// pentaxCount enciphers or deciphers Pentax's shutter count.
func pentaxCount(v uint32, k cipherKey) uint32 { return v ^ k.date ^ ^k.time }

// sealPentaxCount returns how to encipher the shutter count b anew. What reads
// as zero is not zero under the cipher.
func sealPentaxCount(b []byte) *sealed {
	v := binary.BigEndian.Uint32(b)
	return &sealed{
		reseal: func(before, after cipherKey) []byte {
			return binary.BigEndian.AppendUint32(nil, pentaxCount(pentaxCount(v, before), after))
		},
		blank: func(k cipherKey) []byte { return binary.BigEndian.AppendUint32(nil, pentaxCount(0, k)) },
	}
}
