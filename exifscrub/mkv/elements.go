package mkv

import "flightveil/internal/privacy"

// What an element holds.
type kind byte

const (
	master kind = iota + 1
	uint8s      // an integer or float of up to eight bytes
	uid         // an identifier chosen at random
	ref         // an identifier of something else in the file
	ascii
	utf8
	date
	binaries
)

// An element is one that the specification names. Without a class it is
// technical and stays.
type element struct {
	name  string
	kind  kind
	class privacy.Class
	in    uint32 // the element it lies in
}

// Elements that are more than a row in the table.
const (
	idEBML        = 0x1A45DFA3
	idSegment     = 0x18538067
	idVoid        = 0xEC
	idCRC         = 0xBF
	idSeekHead    = 0x114D9B74
	idSeek        = 0x4DBB
	idSeekPos     = 0x53AC
	idInfo        = 0x1549A966
	idCluster     = 0x1F43B675
	idTracks      = 0x1654AE6B
	idTrack       = 0xAE
	idNumber      = 0xD7
	idTrackUID    = 0x73C5
	idType        = 0x83
	idCodec       = 0x86
	idPrivate     = 0x63A2
	idEncodings   = 0x6D80
	idEncoding    = 0x6240
	idCompress    = 0x5034
	idAlgo        = 0x4254
	idSettings    = 0x4255
	idEncrypt     = 0x5035
	idMapping     = 0x41E4
	idOperation   = 0xE2
	idVideo       = 0xE0
	idAudio       = 0xE1
	idColour      = 0x55B0
	idMastering   = 0x55D0
	idProjection  = 0x7670
	idCues        = 0x1C53BB6B
	idCuePoint    = 0xBB
	idCueTracks   = 0xB7
	idCueTrack    = 0xF7
	idCueBlock    = 0x5378
	idCueRef      = 0xDB
	idAttach      = 0x1941A469
	idFile        = 0x61A7
	idFileData    = 0x465C
	idFileName    = 0x466E
	idChapters    = 0x1043A770
	idEdition     = 0x45B9
	idEdDisplay   = 0x4520
	idAtom        = 0xB6
	idChTrack     = 0x8F
	idChDisplay   = 0x80
	idTags        = 0x1254C367
	idTag         = 0x7373
	idTargets     = 0x63C0
	idSimpleTag   = 0x67C8
	idTagName     = 0x45A3
	idTagLanguage = 0x447A
	idTagString   = 0x4487
	idTagBinary   = 0x4485
	idAttachLink  = 0x7446
)

// elements is the allow-list (RFC 9559, section 5.1).
var elements = map[uint32]element{
	idEBML: {"EBMLHeader", master, "", 0},
	0x4286: {"EBMLVersion", uint8s, "", idEBML},
	0x42F7: {"EBMLReadVersion", uint8s, "", idEBML},
	0x42F2: {"EBMLMaxIDLength", uint8s, "", idEBML},
	0x42F3: {"EBMLMaxSizeLength", uint8s, "", idEBML},
	0x4282: {"DocType", ascii, "", idEBML},
	0x4287: {"DocTypeVersion", uint8s, "", idEBML},
	0x4285: {"DocTypeReadVersion", uint8s, "", idEBML},
	0x4281: {"DocTypeExtension", master, "", idEBML},
	0x4283: {"DocTypeExtensionName", ascii, "", 0x4281},
	0x4284: {"DocTypeExtensionVersion", uint8s, "", 0x4281},

	idSegment:  {"Segment", master, "", 0},
	idSeekHead: {"SeekHead", master, "", idSegment},
	idSeek:     {"Seek", master, "", idSeekHead},
	0x53AB:     {"SeekID", uint8s, "", idSeek},
	idSeekPos:  {"SeekPosition", uint8s, "", idSeek},

	idInfo:   {"Info", master, "", idSegment},
	0x73A4:   {"SegmentUID", binaries, privacy.Identity, idInfo},
	0x3CB923: {"PrevUID", binaries, privacy.Identity, idInfo},
	0x3EB923: {"NextUID", binaries, privacy.Identity, idInfo},
	0x4444:   {"SegmentFamily", binaries, privacy.Identity, idInfo},
	0x7384:   {"SegmentFileName", utf8, privacy.Identity, idInfo},
	0x3C83AB: {"PrevFileName", utf8, privacy.Identity, idInfo},
	0x3E83BB: {"NextFileName", utf8, privacy.Identity, idInfo},
	0x2AD7B1: {"TimestampScale", uint8s, "", idInfo},
	0x4489:   {"Duration", uint8s, "", idInfo},
	0x4461:   {"DateTimeOriginal", date, privacy.Time, idInfo}, // DateUTC
	0x7BA9:   {"Title", utf8, privacy.Description, idInfo},
	0x4D80:   {"MuxingApp", utf8, privacy.Device, idInfo},
	0x5741:   {"WritingApp", utf8, privacy.Device, idInfo},

	idTracks:     {"Tracks", master, "", idSegment},
	idTrack:      {"TrackEntry", master, "", idTracks},
	idNumber:     {"TrackNumber", uint8s, "", idTrack},
	idTrackUID:   {"TrackUID", uid, privacy.Identity, idTrack},
	idType:       {"TrackType", uint8s, "", idTrack},
	0xB9:         {"FlagEnabled", uint8s, "", idTrack},
	0x88:         {"FlagDefault", uint8s, "", idTrack},
	0x55AA:       {"FlagForced", uint8s, "", idTrack},
	0x55AB:       {"FlagHearingImpaired", uint8s, "", idTrack},
	0x55AC:       {"FlagVisualImpaired", uint8s, "", idTrack},
	0x55AD:       {"FlagTextDescriptions", uint8s, "", idTrack},
	0x55AE:       {"FlagOriginal", uint8s, "", idTrack},
	0x55AF:       {"FlagCommentary", uint8s, "", idTrack},
	0x9C:         {"FlagLacing", uint8s, "", idTrack},
	0x6DE7:       {"MinCache", uint8s, "", idTrack},
	0x6DF8:       {"MaxCache", uint8s, "", idTrack},
	0x23E383:     {"DefaultDuration", uint8s, "", idTrack},
	0x234E7A:     {"DefaultDecodedFieldDuration", uint8s, "", idTrack},
	0x23314F:     {"TrackTimestampScale", uint8s, "", idTrack},
	0x537F:       {"TrackOffset", uint8s, "", idTrack},
	0x55EE:       {"MaxBlockAdditionID", uint8s, "", idTrack},
	idMapping:    {"BlockAdditionMapping", master, "", idTrack},
	0x41F0:       {"BlockAddIDValue", uint8s, "", idMapping},
	0x41A4:       {"BlockAddIDName", ascii, "", idMapping},
	0x41E7:       {"BlockAddIDType", uint8s, "", idMapping},
	0x41ED:       {"BlockAddIDExtraData", binaries, "", idMapping},
	0x536E:       {"TrackName", utf8, privacy.Description, idTrack},
	0x22B59C:     {"TrackLanguage", ascii, "", idTrack},
	0x22B59D:     {"TrackLanguageIETF", ascii, "", idTrack},
	idCodec:      {"CodecID", ascii, "", idTrack},
	idPrivate:    {"CodecPrivate", binaries, "", idTrack},
	0x258688:     {"CodecName", utf8, privacy.Device, idTrack},
	0x3A9697:     {"CodecSettings", utf8, privacy.Device, idTrack},
	0x3B4040:     {"CodecInfoURL", ascii, privacy.Device, idTrack},
	0x26B240:     {"CodecDownloadURL", ascii, privacy.Device, idTrack},
	idAttachLink: {"AttachmentLink", ref, "", idTrack},
	0xAA:         {"CodecDecodeAll", uint8s, "", idTrack},
	0x6FAB:       {"TrackOverlay", uint8s, "", idTrack},
	0x56AA:       {"CodecDelay", uint8s, "", idTrack},
	0x56BB:       {"SeekPreRoll", uint8s, "", idTrack},

	idVideo:      {"Video", master, "", idTrack},
	0x9A:         {"FlagInterlaced", uint8s, "", idVideo},
	0x9D:         {"FieldOrder", uint8s, "", idVideo},
	0x53B8:       {"StereoMode", uint8s, "", idVideo},
	0x53C0:       {"AlphaMode", uint8s, "", idVideo},
	0x53B9:       {"OldStereoMode", uint8s, "", idVideo},
	0xB0:         {"PixelWidth", uint8s, "", idVideo},
	0xBA:         {"PixelHeight", uint8s, "", idVideo},
	0x54AA:       {"PixelCropBottom", uint8s, "", idVideo},
	0x54BB:       {"PixelCropTop", uint8s, "", idVideo},
	0x54CC:       {"PixelCropLeft", uint8s, "", idVideo},
	0x54DD:       {"PixelCropRight", uint8s, "", idVideo},
	0x54B0:       {"DisplayWidth", uint8s, "", idVideo},
	0x54BA:       {"DisplayHeight", uint8s, "", idVideo},
	0x54B2:       {"DisplayUnit", uint8s, "", idVideo},
	0x54B3:       {"AspectRatioType", uint8s, "", idVideo},
	0x2EB524:     {"UncompressedFourCC", uint8s, "", idVideo},
	0x2FB523:     {"GammaValue", uint8s, "", idVideo},
	0x2383E3:     {"FrameRate", uint8s, "", idVideo},
	idColour:     {"Colour", master, "", idVideo},
	0x55B1:       {"MatrixCoefficients", uint8s, "", idColour},
	0x55B2:       {"BitsPerChannel", uint8s, "", idColour},
	0x55B3:       {"ChromaSubsamplingHorz", uint8s, "", idColour},
	0x55B4:       {"ChromaSubsamplingVert", uint8s, "", idColour},
	0x55B5:       {"CbSubsamplingHorz", uint8s, "", idColour},
	0x55B6:       {"CbSubsamplingVert", uint8s, "", idColour},
	0x55B7:       {"ChromaSitingHorz", uint8s, "", idColour},
	0x55B8:       {"ChromaSitingVert", uint8s, "", idColour},
	0x55B9:       {"Range", uint8s, "", idColour},
	0x55BA:       {"TransferCharacteristics", uint8s, "", idColour},
	0x55BB:       {"Primaries", uint8s, "", idColour},
	0x55BC:       {"MaxCLL", uint8s, "", idColour},
	0x55BD:       {"MaxFALL", uint8s, "", idColour},
	idMastering:  {"MasteringMetadata", master, "", idColour},
	0x55D1:       {"PrimaryRChromaticityX", uint8s, "", idMastering},
	0x55D2:       {"PrimaryRChromaticityY", uint8s, "", idMastering},
	0x55D3:       {"PrimaryGChromaticityX", uint8s, "", idMastering},
	0x55D4:       {"PrimaryGChromaticityY", uint8s, "", idMastering},
	0x55D5:       {"PrimaryBChromaticityX", uint8s, "", idMastering},
	0x55D6:       {"PrimaryBChromaticityY", uint8s, "", idMastering},
	0x55D7:       {"WhitePointChromaticityX", uint8s, "", idMastering},
	0x55D8:       {"WhitePointChromaticityY", uint8s, "", idMastering},
	0x55D9:       {"LuminanceMax", uint8s, "", idMastering},
	0x55DA:       {"LuminanceMin", uint8s, "", idMastering},
	idProjection: {"Projection", master, "", idVideo},
	0x7671:       {"ProjectionType", uint8s, "", idProjection},
	0x7672:       {"ProjectionPrivate", binaries, "", idProjection},
	0x7673:       {"ProjectionPoseYaw", uint8s, "", idProjection},
	0x7674:       {"ProjectionPosePitch", uint8s, "", idProjection},
	0x7675:       {"ProjectionPoseRoll", uint8s, "", idProjection},

	idAudio: {"Audio", master, "", idTrack},
	0xB5:    {"SamplingFrequency", uint8s, "", idAudio},
	0x78B5:  {"OutputSamplingFrequency", uint8s, "", idAudio},
	0x9F:    {"Channels", uint8s, "", idAudio},
	0x7D7B:  {"ChannelPositions", binaries, "", idAudio},
	0x6264:  {"BitDepth", uint8s, "", idAudio},
	0x52F1:  {"Emphasis", uint8s, "", idAudio},

	idOperation: {"TrackOperation", master, "", idTrack},
	0xE3:        {"TrackCombinePlanes", master, "", idOperation},
	0xE4:        {"TrackPlane", master, "", 0xE3},
	0xE5:        {"TrackPlaneUID", ref, "", 0xE4},
	0xE6:        {"TrackPlaneType", uint8s, "", 0xE4},
	0xE9:        {"TrackJoinBlocks", master, "", idOperation},
	0xED:        {"TrackJoinUID", ref, "", 0xE9},

	idEncodings: {"ContentEncodings", master, "", idTrack},
	idEncoding:  {"ContentEncoding", master, "", idEncodings},
	0x5031:      {"ContentEncodingOrder", uint8s, "", idEncoding},
	0x5032:      {"ContentEncodingScope", uint8s, "", idEncoding},
	0x5033:      {"ContentEncodingType", uint8s, "", idEncoding},
	idCompress:  {"ContentCompression", master, "", idEncoding},
	idAlgo:      {"ContentCompAlgo", uint8s, "", idCompress},
	idSettings:  {"ContentCompSettings", binaries, "", idCompress},
	idEncrypt:   {"ContentEncryption", master, "", idEncoding},
	0x47E1:      {"ContentEncAlgo", uint8s, "", idEncrypt},
	0x47E2:      {"ContentEncKeyID", binaries, "", idEncrypt},
	0x47E7:      {"ContentEncAESSettings", master, "", idEncrypt},
	0x47E8:      {"AESSettingsCipherMode", uint8s, "", 0x47E7},

	idCues:      {"Cues", master, "", idSegment},
	idCuePoint:  {"CuePoint", master, "", idCues},
	0xB3:        {"CueTime", uint8s, "", idCuePoint},
	idCueTracks: {"CueTrackPositions", master, "", idCuePoint},
	idCueTrack:  {"CueTrack", uint8s, "", idCueTracks},
	0xF1:        {"CueClusterPosition", uint8s, "", idCueTracks},
	0xF0:        {"CueRelativePosition", uint8s, "", idCueTracks},
	0xB2:        {"CueDuration", uint8s, "", idCueTracks},
	idCueBlock:  {"CueBlockNumber", uint8s, "", idCueTracks},
	0xEA:        {"CueCodecState", uint8s, "", idCueTracks},
	idCueRef:    {"CueReference", master, "", idCueTracks},
	0x96:        {"CueRefTime", uint8s, "", idCueRef},

	idAttach:   {"Attachments", master, "", idSegment},
	idFile:     {"AttachedFile", master, "", idAttach},
	0x467E:     {"FileDescription", utf8, privacy.Description, idFile},
	idFileName: {"FileName", utf8, privacy.Identity, idFile},
	0x4660:     {"FileMimeType", ascii, "", idFile},
	idFileData: {"FileData", binaries, "", idFile},
	0x46AE:     {"FileUID", uid, privacy.Identity, idFile},

	idChapters:  {"Chapters", master, "", idSegment},
	idEdition:   {"EditionEntry", master, "", idChapters},
	0x45BC:      {"EditionUID", uid, privacy.Identity, idEdition},
	0x45BD:      {"EditionFlagHidden", uint8s, "", idEdition},
	0x45DB:      {"EditionFlagDefault", uint8s, "", idEdition},
	0x45DD:      {"EditionFlagOrdered", uint8s, "", idEdition},
	idEdDisplay: {"EditionDisplay", master, "", idEdition},
	0x4521:      {"EditionString", utf8, privacy.Description, idEdDisplay},
	0x45E4:      {"EditionLanguageIETF", ascii, "", idEdDisplay},
	idAtom:      {"ChapterAtom", master, "", idEdition},
	0x73C4:      {"ChapterUID", uid, privacy.Identity, idAtom},
	0x5654:      {"ChapterStringUID", utf8, privacy.Identity, idAtom},
	0x91:        {"ChapterTimeStart", uint8s, "", idAtom},
	0x92:        {"ChapterTimeEnd", uint8s, "", idAtom},
	0x98:        {"ChapterFlagHidden", uint8s, "", idAtom},
	0x4598:      {"ChapterFlagEnabled", uint8s, "", idAtom},
	0x4588:      {"ChapterSkipType", uint8s, "", idAtom},
	0x6E67:      {"ChapterSegmentUID", binaries, privacy.Identity, idAtom},
	0x6EBC:      {"ChapterSegmentEditionUID", binaries, privacy.Identity, idAtom},
	0x63C3:      {"ChapterPhysicalEquiv", uint8s, "", idAtom},
	idChTrack:   {"ChapterTrack", master, "", idAtom},
	0x89:        {"ChapterTrackUID", ref, "", idChTrack},
	idChDisplay: {"ChapterDisplay", master, "", idAtom},
	0x85:        {"ChapterString", utf8, privacy.Description, idChDisplay},
	0x437C:      {"ChapterLanguage", ascii, "", idChDisplay},
	0x437D:      {"ChapterLanguageIETF", ascii, "", idChDisplay},
	0x437E:      {"ChapterCountry", ascii, privacy.Place, idChDisplay},

	idTags:      {"Tags", master, "", idSegment},
	idTag:       {"Tag", master, "", idTags},
	idTargets:   {"Targets", master, "", idTag},
	0x68CA:      {"TargetTypeValue", uint8s, "", idTargets},
	0x63CA:      {"TargetType", ascii, "", idTargets},
	0x63C5:      {"TagTrackUID", ref, "", idTargets},
	0x63C9:      {"TagEditionUID", ref, "", idTargets},
	0x63C4:      {"TagChapterUID", ref, "", idTargets},
	0x63C6:      {"TagAttachmentUID", ref, "", idTargets},
	idSimpleTag: {"SimpleTag", master, "", idTag},
	idTagName:   {"TagName", utf8, "", idSimpleTag},
	0x447A:      {"TagLanguage", ascii, "", idSimpleTag},
	0x447B:      {"TagLanguageIETF", ascii, "", idSimpleTag},
	0x4484:      {"TagDefault", uint8s, "", idSimpleTag},
	0x44B4:      {"TagDefaultBogus", uint8s, "", idSimpleTag},
	idTagString: {"TagString", utf8, "", idSimpleTag},
	idTagBinary: {"TagBinary", binaries, "", idSimpleTag},
}

// nests lists the elements that may lie in one of their own kind.
var nests = map[uint32]bool{idAtom: true, idSimpleTag: true}

// lookup returns the element id if it may lie in parent.
func lookup(id, parent uint32) (element, bool) {
	e, ok := elements[id]
	if !ok || e.in != parent && !(nests[id] && id == parent) {
		return element{}, false
	}
	return e, true
}
