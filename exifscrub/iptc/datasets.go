package iptc

import (
	"fmt"

	"flightveil/internal/privacy"
)

// form is how a value is written.
type form int

const (
	text    form = iota
	date         // CCYYMMDD
	clock        // HHMMSS±HHMM
	number       // a binary number of kind.size bytes: structure
	charset      // ISO 2022 escape sequences: structure
	letter       // one of P, L, S: structure
	binaryForm
)

// kind is what a dataset stands for.
type kind struct {
	name  string
	class privacy.Class
	form  form
	size  int // of a number
}

func key(record, number byte) int { return int(record)<<8 | int(number) }

func kindOf(record, number byte) kind {
	if k, ok := datasets[key(record, number)]; ok {
		return k
	}
	return kind{name: fmt.Sprintf("Dataset-%d-%d", record, number), class: privacy.Unknown}
}

// isStructure reports whether v is what its form promises, so that it tells
// nothing about anybody.
func (k kind) isStructure(v []byte) bool {
	switch k.form {
	case number:
		return len(v) == k.size
	case letter:
		return len(v) == 1 && (v[0] == 'P' || v[0] == 'L' || v[0] == 'S')
	case charset: // IIM 4.2, 1:90: at most 32 octets, each sequence begins with ESC
		if len(v) < 2 || len(v) > 32 || v[0] != 0x1B {
			return false
		}
		plain := 0 // final and intermediate bytes since the last ESC
		for _, c := range v {
			if plain++; c == 0x1B {
				plain = 0
			}
			if plain > 3 || c > 0x7E {
				return false
			}
		}
		return true
	}
	return false
}

const previewData = "ObjectPreviewData"

// datasets lists records 1 to 9 of IIM 4.2 with the additions of
// PhotoMechanic, FotoWare and iView (2:184 to 2:255), by the names exiftool
// gives them. A number without a class is structure.
var datasets = map[int]kind{
	// Record 1: envelope
	key(1, 0):   {"EnvelopeRecordVersion", "", number, 2},
	key(1, 5):   {"Destination", privacy.Identity, text, 0},
	key(1, 20):  {"FileFormat", "", number, 2},
	key(1, 22):  {"FileVersion", "", number, 2},
	key(1, 30):  {"ServiceIdentifier", privacy.Identity, text, 0},
	key(1, 40):  {"EnvelopeNumber", privacy.Identity, text, 0},
	key(1, 50):  {"ProductID", privacy.Identity, text, 0},
	key(1, 60):  {"EnvelopePriority", privacy.Description, text, 0},
	key(1, 70):  {"DateSent", privacy.Time, date, 0},
	key(1, 80):  {"TimeSent", privacy.Time, clock, 0},
	key(1, 90):  {"CodedCharacterSet", "", charset, 0},
	key(1, 100): {"UniqueObjectName", privacy.Identity, text, 0},
	key(1, 120): {"ARMIdentifier", privacy.Provenance, binaryForm, 0},
	key(1, 122): {"ARMVersion", privacy.Provenance, binaryForm, 0},

	// Record 2: application
	key(2, 0):   {"ApplicationRecordVersion", "", number, 2},
	key(2, 3):   {"ObjectTypeReference", privacy.Description, text, 0},
	key(2, 4):   {"ObjectAttributeReference", privacy.Description, text, 0},
	key(2, 5):   {"ObjectName", privacy.Description, text, 0},
	key(2, 7):   {"EditStatus", privacy.Description, text, 0},
	key(2, 8):   {"EditorialUpdate", privacy.Description, text, 0},
	key(2, 10):  {"Urgency", privacy.Description, text, 0},
	key(2, 12):  {"SubjectReference", privacy.Description, text, 0},
	key(2, 15):  {"Category", privacy.Description, text, 0},
	key(2, 20):  {"SupplementalCategories", privacy.Description, text, 0},
	key(2, 22):  {"FixtureIdentifier", privacy.Identity, text, 0},
	key(2, 25):  {"Keywords", privacy.Description, text, 0},
	key(2, 26):  {"ContentLocationCode", privacy.Place, text, 0},
	key(2, 27):  {"ContentLocationName", privacy.Place, text, 0},
	key(2, 30):  {"ReleaseDate", privacy.Time, date, 0},
	key(2, 35):  {"ReleaseTime", privacy.Time, clock, 0},
	key(2, 37):  {"ExpirationDate", privacy.Time, date, 0},
	key(2, 38):  {"ExpirationTime", privacy.Time, clock, 0},
	key(2, 40):  {"SpecialInstructions", privacy.Description, text, 0},
	key(2, 42):  {"ActionAdvised", privacy.Description, text, 0},
	key(2, 45):  {"ReferenceService", privacy.Identity, text, 0},
	key(2, 47):  {"ReferenceDate", privacy.Time, date, 0},
	key(2, 50):  {"ReferenceNumber", privacy.Identity, text, 0},
	key(2, 55):  {"DateCreated", privacy.Time, date, 0},
	key(2, 60):  {"TimeCreated", privacy.Time, clock, 0},
	key(2, 62):  {"DigitalCreationDate", privacy.Time, date, 0},
	key(2, 63):  {"DigitalCreationTime", privacy.Time, clock, 0},
	key(2, 65):  {"OriginatingProgram", privacy.Device, text, 0},
	key(2, 70):  {"ProgramVersion", privacy.Device, text, 0},
	key(2, 75):  {"ObjectCycle", privacy.Time, text, 0}, // morning or evening: finer than the day
	key(2, 80):  {"By-line", privacy.Copyright, text, 0},
	key(2, 85):  {"By-lineTitle", privacy.Copyright, text, 0},
	key(2, 90):  {"City", privacy.Place, text, 0},
	key(2, 92):  {"Sub-location", privacy.Place, text, 0},
	key(2, 95):  {"Province-State", privacy.Place, text, 0},
	key(2, 100): {"Country-PrimaryLocationCode", privacy.Place, text, 0},
	key(2, 101): {"Country-PrimaryLocationName", privacy.Place, text, 0},
	key(2, 103): {"OriginalTransmissionReference", privacy.Identity, text, 0},
	key(2, 105): {"Headline", privacy.Description, text, 0},
	key(2, 110): {"Credit", privacy.Copyright, text, 0},
	key(2, 115): {"Source", privacy.Copyright, text, 0},
	key(2, 116): {"CopyrightNotice", privacy.Copyright, text, 0},
	key(2, 118): {"Contact", privacy.Identity, text, 0},
	key(2, 120): {"Caption-Abstract", privacy.Description, text, 0},
	key(2, 121): {"LocalCaption", privacy.Description, text, 0},
	key(2, 122): {"Writer-Editor", privacy.Identity, text, 0},
	key(2, 125): {"RasterizedCaption", privacy.Description, binaryForm, 0},
	key(2, 130): {"ImageType", privacy.Description, text, 0},
	key(2, 131): {"ImageOrientation", "", letter, 0},
	key(2, 135): {"LanguageIdentifier", privacy.Description, text, 0},
	key(2, 150): {"AudioType", privacy.Description, text, 0},
	key(2, 151): {"AudioSamplingRate", privacy.Description, text, 0},
	key(2, 152): {"AudioSamplingResolution", privacy.Description, text, 0},
	key(2, 153): {"AudioDuration", privacy.Description, text, 0},
	key(2, 154): {"AudioOutcue", privacy.Description, text, 0},
	key(2, 184): {"JobID", privacy.Identity, text, 0},
	key(2, 185): {"MasterDocumentID", privacy.Identity, text, 0},
	key(2, 186): {"ShortDocumentID", privacy.Identity, text, 0},
	key(2, 187): {"UniqueDocumentID", privacy.Identity, text, 0},
	key(2, 188): {"OwnerID", privacy.Identity, text, 0},
	key(2, 200): {"ObjectPreviewFileFormat", privacy.Preview, binaryForm, 0},
	key(2, 201): {"ObjectPreviewFileVersion", privacy.Preview, binaryForm, 0},
	key(2, 202): {previewData, privacy.Preview, binaryForm, 0},
	key(2, 221): {"Prefs", privacy.Description, text, 0},
	key(2, 225): {"ClassifyState", privacy.Description, text, 0},
	key(2, 228): {"SimilarityIndex", privacy.Description, text, 0},
	key(2, 230): {"DocumentNotes", privacy.Description, text, 0},
	key(2, 231): {"DocumentHistory", privacy.Provenance, text, 0},
	key(2, 232): {"ExifCameraInfo", privacy.MakerNote, text, 0}, // a whole Exif block in words
	key(2, 255): {"CatalogSets", privacy.Description, text, 0},

	// Record 3: digital newsphoto parameters
	key(3, 0):   {"NewsPhotoVersion", "", number, 2},
	key(3, 10):  {"IPTCPictureNumber", privacy.Identity, binaryForm, 0}, // maker, equipment, date, sequence
	key(3, 20):  {"IPTCImageWidth", "", number, 2},
	key(3, 30):  {"IPTCImageHeight", "", number, 2},
	key(3, 40):  {"IPTCPixelWidth", "", number, 2},
	key(3, 50):  {"IPTCPixelHeight", "", number, 2},
	key(3, 55):  {"SupplementalType", "", number, 1},
	key(3, 60):  {"ColorRepresentation", "", number, 2},
	key(3, 64):  {"InterchangeColorSpace", "", number, 1},
	key(3, 65):  {"ColorSequence", "", number, 1},
	key(3, 66):  {"ICC_Profile", privacy.Unknown, binaryForm, 0}, // no reader applies it, and profiles hold text
	key(3, 70):  {"ColorCalibrationMatrix", privacy.Calibration, binaryForm, 0},
	key(3, 80):  {"LookupTable", privacy.Calibration, binaryForm, 0},
	key(3, 84):  {"NumIndexEntries", "", number, 2},
	key(3, 85):  {"ColorPalette", privacy.Calibration, binaryForm, 0},
	key(3, 86):  {"IPTCBitsPerSample", "", number, 1},
	key(3, 90):  {"SampleStructure", "", number, 1},
	key(3, 100): {"ScanningDirection", "", number, 1},
	key(3, 102): {"IPTCImageRotation", "", number, 1},
	key(3, 110): {"DataCompressionMethod", "", number, 4},
	key(3, 120): {"QuantizationMethod", "", number, 1},
	key(3, 125): {"EndPoints", privacy.Calibration, binaryForm, 0},
	key(3, 130): {"ExcursionTolerance", "", number, 1},
	key(3, 135): {"BitsPerComponent", "", number, 1},
	key(3, 140): {"MaximumDensityRange", "", number, 2},
	key(3, 145): {"GammaCompensatedValue", "", number, 2},

	// Records 7 to 9: the object itself
	key(7, 10): {"SizeMode", "", number, 1},
	key(7, 20): {"MaxSubfileSize", "", number, 4},
	key(7, 90): {"ObjectSizeAnnounced", "", number, 4},
	key(7, 95): {"MaximumObjectSize", "", number, 4},
	key(8, 10): {"SubFile", privacy.Unknown, binaryForm, 0},
	key(9, 10): {"ConfirmedObjectSize", "", number, 4},
}
