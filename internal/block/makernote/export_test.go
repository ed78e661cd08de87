package makernote

// NikonStream is Nikon's cipher, for tests that check what a reader would see.
func NikonStream(b []byte, serial, count byte) {
	nikonStream(b, cipherKey{serial: serial, count: count})
}
