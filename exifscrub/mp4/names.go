package mp4

import (
	"strings"

	"flightveil/internal/privacy"
)

// tag is what a name in a file means: ExifTool's name for it, and its class.
type tag struct {
	name  string
	class privacy.Class
}

// userTags lists the boxes of user data that hold one value: QuickTime's
// (types that begin with ©, which ilst has as well), those of 3GPP TS 26.244, of
// GoPro, DJI and of others.
var userTags = map[string]tag{
	"\xA9xyz": {"GPSCoordinates", privacy.Location},
	"\xA9gps": {"GPSCoordinates", privacy.Location},
	"\xA9day": {"ContentCreateDate", privacy.Time},
	"\xA9mak": {"Make", privacy.Device},
	"\xA9mod": {"Model", privacy.Device},
	"\xA9mdl": {"Model", privacy.Device},
	"\xA9swr": {"SoftwareVersion", privacy.Device},
	"\xA9fmt": {"Format", privacy.Device},
	"\xA9enc": {"EncoderID", privacy.Device},
	"\xA9too": {"Encoder", privacy.Device},
	"\xA9req": {"Requirements", privacy.Device},
	"\xA9mal": {"MakerURL", privacy.Device},
	"\xA9nam": {"Title", privacy.Description},
	"\xA9ttl": {"Title", privacy.Description},
	"\xA9cmt": {"Comment", privacy.Description},
	"\xA9des": {"Description", privacy.Description},
	"\xA9inf": {"Information", privacy.Description},
	"\xA9key": {"Keywords", privacy.Description},
	"\xA9gen": {"Genre", privacy.Description},
	"\xA9grp": {"Grouping", privacy.Description},
	"\xA9alb": {"Album", privacy.Description},
	"\xA9lyr": {"Lyrics", privacy.Description},
	"\xA9snm": {"SongName", privacy.Description},
	"\xA9src": {"SourceCredits", privacy.Copyright},
	"\xA9ART": {"Artist", privacy.Copyright},
	"\xA9art": {"Artist", privacy.Copyright},
	"\xA9aut": {"Author", privacy.Copyright},
	"\xA9cpy": {"Copyright", privacy.Copyright},
	"\xA9com": {"Composer", privacy.Copyright},
	"\xA9wrt": {"Composer", privacy.Copyright},
	"\xA9dir": {"Director", privacy.Copyright},
	"\xA9prd": {"Producer", privacy.Copyright},
	"\xA9pub": {"Publisher", privacy.Copyright},
	"\xA9prf": {"Performers", privacy.Copyright},
	"\xA9own": {"Owner", privacy.Identity},
	"\xA9uid": {"UniqueID", privacy.Identity},
	"\xA9TIM": {"StartTimecode", privacy.Time},
	"\xA9TSC": {"StartTimeScale", privacy.Time},
	"\xA9TSZ": {"StartTimeSampleSize", privacy.Time},
	"\xA9xsp": {"SpeedX", privacy.Attitude},
	"\xA9ysp": {"SpeedY", privacy.Attitude},
	"\xA9zsp": {"SpeedZ", privacy.Attitude},
	"\xA9fpt": {"Pitch", privacy.Attitude},
	"\xA9fyw": {"Yaw", privacy.Attitude},
	"\xA9frl": {"Roll", privacy.Attitude},
	"\xA9gpt": {"CameraPitch", privacy.Attitude},
	"\xA9gyw": {"CameraYaw", privacy.Attitude},
	"\xA9grl": {"CameraRoll", privacy.Attitude},

	"titl": {"Title", privacy.Description},
	"dscp": {"Description", privacy.Description},
	"kywd": {"Keywords", privacy.Description},
	"albm": {"Album", privacy.Description},
	"gnre": {"Genre", privacy.Description},
	"rtng": {"Rating", privacy.Description},
	"clsf": {"Classification", privacy.Description},
	"clfn": {"ClipFileName", privacy.Identity},
	"name": {"Name", privacy.Description},
	"auth": {"Author", privacy.Copyright},
	"perf": {"Performer", privacy.Copyright},
	"cprt": {"Copyright", privacy.Copyright},
	"yrrc": {"Year", privacy.Time},
	"date": {"DateTimeOriginal", privacy.Time},

	"FIRM": {"FirmwareVersion", privacy.Device},
	"LENS": {"LensSerialNumber", privacy.Identity},
	"CAME": {"SerialNumberHash", privacy.Identity},
	"MUID": {"MediaUID", privacy.Identity},
	"GUMI": {"GlobalUniqueMediaID", privacy.Identity},
	"BCID": {"BroadcastID", privacy.Identity},
	"SETT": {"OtherSettings", privacy.MakerNote},
	"AMBA": {"Ambarella", privacy.MakerNote},
	"HMMT": {"HighlightMarkers", privacy.Description},

	"SNum": {"SerialNumber", privacy.Identity},
	"slno": {"SerialNumber", privacy.Identity},
	"manu": {"Make", privacy.Device},
	"modl": {"Model", privacy.Device},
	"smta": {"SamsungSmta", privacy.Device},
	"mdln": {"SamsungModel", privacy.Device},
	"smrd": {"SamsungSmrd", privacy.Device},
	"SDLN": {"PlayMode", privacy.Device},
	"auto": {"SamsungAuto", privacy.MakerNote},
	"saut": {"SamsungAuto", privacy.MakerNote},
	"fsid": {"OriginalFilePath", privacy.Identity},
	"btec": {"BeautySettings", privacy.MakerNote},
	"XMP_": {"XMP", privacy.Unknown},
	"CNCV": {"CompressorVersion", privacy.Device},
	"CNMN": {"Model", privacy.Device},
	"CNFV": {"FirmwareVersion", privacy.Device},
	"CNTH": {"CanonThumbnail", privacy.Preview},
	"CNOP": {"CanonCNOP", privacy.MakerNote},
	"NCDT": {"NikonTags", privacy.MakerNote},
	"NCTG": {"NikonTags", privacy.MakerNote},
	"PXTH": {"PentaxPreview", privacy.Preview},
	"PENT": {"PentaxTags", privacy.MakerNote},
	"TAGS": {"MakerNoteTags", privacy.MakerNote},
	"MVTG": {"FujiTags", privacy.MakerNote},
	"MMA0": {"MinoltaTags", privacy.MakerNote},
	"MMA1": {"MinoltaTags", privacy.MakerNote},
	"QVMI": {"CasioTags", privacy.MakerNote},
	"CMbo": {"CMbo", privacy.MakerNote},
	"scrn": {"PreviewInfo", privacy.Preview},
	"snal": {"PreviewImage", privacy.Preview},
	"tnal": {"ThumbnailImage", privacy.Preview},
	"covr": {"CoverArt", privacy.Preview},
	"gps ": {"GPSTable", privacy.Location},
	"GPS ": {"GPSTable", privacy.Location},
	"gps0": {"GPSTrack", privacy.Location},
	"gsen": {"GSensor", privacy.Attitude},
	"loca": {"LocationInformation", privacy.Place},
	"wloc": {"WindowLocation", privacy.Unknown},

	// iTunes, in ilst.
	"aART": {"AlbumArtist", privacy.Copyright},
	"desc": {"Description", privacy.Description},
	"ldes": {"LongDescription", privacy.Description},
	"keyw": {"Keyword", privacy.Description},
	"catg": {"Category", privacy.Description},
	"tvsh": {"TVShow", privacy.Description},
	"apID": {"AppleStoreAccount", privacy.Identity},
	"ownr": {"Owner", privacy.Identity},
	"cnID": {"AppleStoreCatalogID", privacy.Identity},
	"xid ": {"ISRC", privacy.Identity},
	"purl": {"PodcastURL", privacy.Identity},
	"egid": {"EpisodeGlobalUniqueID", privacy.Identity},
	"purd": {"PurchaseDate", privacy.Time},
}

// players lists user data that tells how to play a movie and nothing else
// (QuickTime, "User data atoms"; 14496-12, 8.10).
var players = map[string]bool{
	"WLOC": true, "LOOP": true, "SelO": true, "AllF": true, "play": true, "ptv ": true, "hnti": true, "hinf": true, "kind": true, "tsel": true, "strk": true,
	"ludt": true, "tagc": true,
}

// vendors are the beginnings of metadata keys that say whose they are.
var vendors = []string{"com.apple.quicktime.", "com.apple.proapps.", "com.apple.", "com.android.", "com.google.", "com.samsung.", "samsung.android.",
	"com.dji.", "com.parrot.", "com.garmin.", "com.skydio.", "com.gopro.", "com.insta360.", "com.autelrobotics.", "com.sony.", "com."}

// keyTags lists metadata keys without their beginning, in lower case.
var keyTags = map[string]tag{
	"location.iso6709":                      {"GPSCoordinates", privacy.Location},
	"location.accuracy.horizontal":          {"LocationAccuracyHorizontal", privacy.Attitude},
	"location.name":                         {"LocationName", privacy.Place},
	"location.body":                         {"LocationBody", privacy.Place},
	"location.note":                         {"LocationNote", privacy.Place},
	"location.role":                         {"LocationRole", privacy.Place},
	"location.date":                         {"LocationDate", privacy.Time},
	"make":                                  {"Make", privacy.Device},
	"manufacturer":                          {"AndroidMake", privacy.Device},
	"model":                                 {"Model", privacy.Device},
	"software":                              {"Software", privacy.Device},
	"version":                               {"AndroidVersion", privacy.Device},
	"encoder":                               {"Encoder", privacy.Device},
	"encoded_with":                          {"Encoder", privacy.Device},
	"camera.lens_model":                     {"LensModel", privacy.Device},
	"camera.focal_length.35mm_equivalent":   {"CameraFocalLength35mmEquivalent", privacy.Exposure},
	"capture.fps":                           {"AndroidCaptureFPS", privacy.Exposure},
	"full-frame-rate-playback-intent":       {"FullFrameRatePlaybackIntent", privacy.Exposure},
	"video.temporal_layers_count":           {"AndroidVideoTemporalLayersCount", privacy.Exposure},
	"camera.identifier":                     {"CameraIdentifier", privacy.Identity},
	"camera.framereadouttimeinmicroseconds": {"CameraFrameReadoutTime", privacy.Calibration},
	"camera.motion":                         {"CameraMotion", privacy.Attitude},
	"content.identifier":                    {"ContentIdentifier", privacy.Identity},
	"serial":                                {"SerialNumber", privacy.Identity},
	"serialnumber":                          {"SerialNumber", privacy.Identity},
	"serial.number":                         {"SerialNumber", privacy.Identity},
	"originating.signature":                 {"OriginatingSignature", privacy.Identity},
	"photos.originating.signature":          {"OriginatingSignature", privacy.Identity},
	"clipid":                                {"ClipID", privacy.Identity},
	"clipfilename":                          {"ClipFileName", privacy.Identity},
	"creationdate":                          {"CreationDate", privacy.Time},
	"creation_time":                         {"CreationDate", privacy.Time},
	"year":                                  {"Year", privacy.Time},
	"date":                                  {"Date", privacy.Time},
	"utc_offset":                            {"AndroidTimeZone", privacy.Time},
	"author":                                {"Author", privacy.Copyright},
	"artist":                                {"Artist", privacy.Copyright},
	"album_artist":                          {"AlbumArtist", privacy.Copyright},
	"location":                              {"Location", privacy.Location},
	"copyright":                             {"Copyright", privacy.Copyright},
	"director":                              {"Director", privacy.Copyright},
	"producer":                              {"Producer", privacy.Copyright},
	"publisher":                             {"Publisher", privacy.Copyright},
	"title":                                 {"Title", privacy.Description},
	"displayname":                           {"DisplayName", privacy.Description},
	"comment":                               {"Comment", privacy.Description},
	"description":                           {"Description", privacy.Description},
	"information":                           {"Information", privacy.Description},
	"keywords":                              {"Keywords", privacy.Description},
	"album":                                 {"Album", privacy.Description},
	"genre":                                 {"Genre", privacy.Description},
	"rating.user":                           {"UserRating", privacy.Description},
	"collection.user":                       {"UserCollection", privacy.Description},
	"direction.facing":                      {"CameraDirection", privacy.Attitude},
	"direction.motion":                      {"CameraMotion", privacy.Attitude},
	"artwork":                               {"Artwork", privacy.Preview},
}

// keyTag returns the meaning of a metadata key. A name of the file's own never
// gets into a path.
func keyTag(key string) tag {
	t, _ := keyMeaning(key)
	return t
}

// keyMeaning is keyTag, and whether the name is one that makers agree on.
func keyMeaning(key string) (t tag, known bool) {
	key = strings.ToLower(key)
	for _, v := range vendors {
		if rest, ok := strings.CutPrefix(key, v); ok {
			key = rest
			break
		}
	}
	if t, ok := keyTags[key]; ok {
		return t, true
	}
	if i := len(key) - 4; i > 0 && key[i] == '-' { // a language behind it, as ffmpeg writes: location-eng
		if t, ok := keyTags[key[:i]]; ok && !strings.ContainsFunc(key[i+1:], func(r rune) bool { return r < 'a' || r > 'z' }) {
			return tag{t.name + key[i:], t.class}, true
		}
	}
	switch {
	case strings.Contains(key, "serial"):
		return tag{"SerialNumber", privacy.Identity}, false
	case strings.Contains(key, "iso6709") || strings.Contains(key, "gps") || strings.Contains(key, "latitude") || strings.Contains(key, "longitude") || strings.Contains(key, "location"):
		return tag{"Location", privacy.Location}, false
	}
	return tag{"Key", privacy.Unknown}, false
}
