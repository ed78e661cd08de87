package main

// advice is what authorities tell those who fly drones at work, as things that
// can be checked: CISA, "Cybersecurity Best Practices for Operating Commercial
// Unmanned Aircraft Systems" (June 2019); DHS and CISA, industry alert of May
// 2019; CISA and FBI, "Chinese-Manufactured Unmanned Aircraft Systems" (January
// 2024); GDPR articles 4(5), 5(1)(c) and 25, with WP 231 of 2015. Who does it:
// flightveil, or the pilot.
var advice = [...]struct{ what, ours, yours string }{
	{"install software on a device that is not in the network", "needs no network at all, neither to install nor to run",
		"unpack it on the computer that reads the cards, and keep that one offline"},
	{"verify downloads", "builds are reproducible and come with SHA256SUMS; flightveil version --sbom lists what is in them",
		"compare the checksum, or build it yourself and compare that"},
	{"review what is set by default", "defaults remove: what no rule names goes; no settings are changed behind your back",
		"flightveil profile show NAME; in the vendor's app, switch off uploads and flight-record sync"},
	{"know where flight data lie, and who has them", "inspect lists what a card holds and gives away; nothing is kept outside the folders you name and the configuration folder",
		"what the vendor's app has sent already cannot be taken back: ask the vendor to delete it"},
	{"take the card out before the aircraft is connected or serviced", "works on the card alone", "take it out"},
	{"erase aircraft and cards after each use", "vault prune deletes from a card what a vault is proven to hold",
		"deleting does not erase flash: format the card in the drone, and clear its internal memory and the app"},
	{"encrypt data at rest and in transit", "encrypt seals a card for your key; vault grant hands out one file", "keep the key where the vault is not, and a second one elsewhere"},
	{"segment networks", "gives up the network before it reads a file", "do not connect aircraft or controller to the network that matters"},
	{"accounts without personal names", "removes names, serial numbers and accounts from what you publish", "choose an account name that is not yours"},
	{"wipe before selling", "says which serial numbers your files hold, so that you know what links them", "factory reset; unbind the aircraft from your account"},
	{"minimise personal data, by default", "public, the default profile, removes everything but the picture and its exposure", "what is in the picture is yours to see: faces, plates, houses"},
	{"pseudonymous is not anonymous", "--location near can be undone by whoever has your key and its passphrase; zero cannot", "destroy the key (key.age and its copies) when nobody may ever undo it"},
	{"Remote ID", "removes operator positions and ids from files", "what was broadcast is out: a receiver nearby has your position and the aircraft's number"},
}
