package jumbf

import (
	"strings"

	"flightveil/internal/privacy"
)

// plumbing are keys of C2PA's own structures, without anything personal:
// references and hashes that tie a manifest together.
const plumbing = " alg hash pad pad1 pad2 url c2pa_manifest active_manifest activemanifest signature assertions created_assertions gathered_assertions redacted_assertions exclusions start length xpath " +
	"offset value subset version flags exact data merkle uniqueid localid count inithash hashes relationship validationstatus validationresults code " +
	"action digitalsourcetype parameters ingredients ingredient changes instanceidref @context @type type dc:format format data_types icon crypt1 1 specversion spec_version dateref "

// guesses classify values by what their keys contain, in this order. Whatever
// a key is called, its block shares one fate: the class decides what a report
// says, and which rules keep the block from staying.
var guesses = []struct {
	class privacy.Class
	parts string
}{
	{privacy.Identity, "serial uuid guid uniqueid instanceid documentid author owner actor person username account email phone social filename x5chain organization byline identifier"},
	{privacy.Copyright, "copyright rights creator artist license licence credit"},
	{privacy.Location, "latitude longitude longtitude coordinate geohash gpsposition"},
	{privacy.Altitude, "altitude elevation height"},
	{privacy.Place, "location city country province state address region place sublocation"},
	{privacy.Time, "date time when sigtst tsttoken created modified"},
	{privacy.Attitude, "gps heading direction bearing speed pitch roll yaw"},
	{privacy.Device, "make model software claim_generator generator lens firmware device operating_system"},
	{privacy.Description, "title caption description keyword comment headline abstract explanation reason subject name"},
	{privacy.Exposure, "fnumber exposure iso focallength aperture shutter flash whitebalance metering"},
	{privacy.Preview, "thumbnail"},
}

// classOf classifies a value by its keys and by the assertion it is in.
func classOf(labels, keys []string) privacy.Class {
	if isChain(keys) {
		return privacy.Identity
	}
	last := ""
	if len(keys) > 0 {
		last = strings.ToLower(keys[len(keys)-1])
	}
	if last == "name" && strings.Contains(strings.Join(labels, "/"), "CreativeWork") {
		return privacy.Identity
	}
	name := strings.ToLower(strings.Join(keys, "."))
	if strings.HasPrefix(name, "@context") { // names of vocabularies
		return privacy.Provenance
	}
	for _, g := range guesses {
		for part := range strings.FieldsSeq(g.parts) {
			if strings.Contains(name, part) {
				return g.class
			}
		}
	}
	if strings.Contains(plumbing, " "+last+" ") || strings.HasPrefix(name, "item") {
		return privacy.Provenance
	}
	return privacy.Unknown
}
