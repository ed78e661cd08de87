package xmp

import "flightveil/internal/privacy"

// A ruleset says, for one namespace, what its properties give away. Names are
// separated by spaces; * stands for any characters.
type ruleset map[privacy.Class]string

// neutral is the class of properties that repeat what any reader of the picture
// knows, such as its width. They are no findings: they neither have to go nor
// are they a reason to keep the packet.
const neutral privacy.Class = ""

// tables holds the rules by the usual prefix of the namespace. What is
// Technical or Exposure stays in a picture that is posted, so these rows are an
// allow-list, and their values are checked (see harmless). Vendor properties are
// those of real files and of the vendors' manuals.
var tables = map[string]ruleset{
	// TIFF and Exif (XMP specification part 2; CIPA DC-010).
	"tiff": {
		privacy.Technical:   "Orientation TransferFunction WhitePoint PrimaryChromaticities YCbCrCoefficients ReferenceBlackWhite",
		neutral:             "ImageWidth ImageLength BitsPerSample Compression PhotometricInterpretation SamplesPerPixel PlanarConfiguration YCbCrSubSampling YCbCrPositioning XResolution YResolution ResolutionUnit",
		privacy.Device:      "Make Model Software HostComputer UniqueCameraModel",
		privacy.Time:        "DateTime",
		privacy.Copyright:   "Artist Copyright",
		privacy.Description: "ImageDescription DocumentName",
		privacy.Identity:    "NativeDigest CameraSerialNumber",
	},
	"exif": {
		privacy.Technical: "ColorSpace Gamma",
		privacy.Exposure: "ExposureTime FNumber ExposureProgram ISOSpeedRatings PhotographicSensitivity SensitivityType ISOSpeed* RecommendedExposureIndex StandardOutputSensitivity " +
			"ShutterSpeedValue ApertureValue BrightnessValue ExposureBiasValue MaxApertureValue SubjectDistance SubjectDistanceRange MeteringMode LightSource " +
			"Flash Fired Return Mode Function RedEyeMode FlashEnergy FocalLength FocalLengthIn35mmFilm FocalPlaneXResolution FocalPlaneYResolution FocalPlaneResolutionUnit " +
			"SubjectArea SubjectLocation ExposureIndex SensingMethod FileSource SceneType CustomRendered ExposureMode WhiteBalance DigitalZoomRatio SceneCaptureType " +
			"GainControl Contrast Saturation Sharpness ExposureCompensation",
		privacy.Location: "GPSLatitude GPSLongitude GPSLatitudeRef GPSLongitudeRef GPSDestLatitude GPSDestLongitude GPSDestLatitudeRef GPSDestLongitudeRef",
		privacy.Altitude: "GPSAltitude GPSAltitudeRef Pressure WaterDepth",
		privacy.Attitude: "GPSVersionID GPSSatellites GPSStatus GPSMeasureMode GPSDOP GPSSpeed GPSSpeedRef GPSTrack GPSTrackRef GPSImgDirection GPSImgDirectionRef GPSMapDatum " +
			"GPSDestBearing GPSDestBearingRef GPSDestDistance GPSDestDistanceRef GPSProcessingMethod GPSDifferential GPSHPositioningError " +
			"CameraPitch CameraRoll CameraYaw PlatformPitch PlatformRoll PlatformYaw CameraElevationAngle Acceleration",
		privacy.Place:       "GPSAreaInformation",
		privacy.Time:        "DateTimeOriginal DateTimeDigitized GPSTimeStamp GPSDateStamp OffsetTime* SubSec* TimeZoneOffset",
		privacy.Device:      "Make Model LensMake LensModel LensSpecification Software",
		privacy.Identity:    "ImageUniqueID BodySerialNumber LensSerialNumber CameraOwnerName OwnerName RelatedSoundFile NativeDigest",
		privacy.Description: "UserComment",
		privacy.MakerNote:   "MakerNote DeviceSettingDescription",
		neutral:             "ExifVersion FlashpixVersion ComponentsConfiguration CompressedBitsPerPixel PixelXDimension PixelYDimension",
		privacy.Calibration: "OECF SpatialFrequencyResponse CFAPattern SpectralSensitivity",
	},
	"exifEX": {
		privacy.Technical:   "Gamma InteroperabilityIndex",
		privacy.Exposure:    "PhotographicSensitivity SensitivityType StandardOutputSensitivity RecommendedExposureIndex ISOSpeed* CompositeImage SourceImageNumberOfCompositeImage SourceExposureTimesOfCompositeImage",
		privacy.Device:      "LensMake LensModel LensSpecification CameraFirmware RAWDevelopingSoftware ImageEditingSoftware MetadataEditingSoftware",
		privacy.Identity:    "BodySerialNumber LensSerialNumber CameraOwnerName Photographer ImageEditor ImageUniqueID",
		privacy.Attitude:    "GPSHPositioningError CameraElevationAngle Acceleration",
		privacy.Altitude:    "Pressure WaterDepth",
		privacy.Calibration: "Temperature Humidity AmbientTemperature",
		privacy.Time:        "OffsetTime* SubSec*",
	},
	"aux": {
		privacy.Identity:    "SerialNumber LensSerialNumber OwnerName ImageNumber",
		privacy.Device:      "Lens LensInfo LensID Firmware",
		privacy.Exposure:    "FlashCompensation ApproximateFocusDistance VignetteCorrectionAlreadyApplied LateralChromaticAberrationCorrectionAlreadyApplied DistortionCorrectionAlreadyApplied IsMergedHDR IsMergedPanorama",
		privacy.Provenance:  "Enhance* FujiRatingAlreadyApplied",
		privacy.Calibration: "LensDistortInfo NeutralDensityFactor",
	},

	// People, places, words (XMP part 1 and 2, IPTC, PLUS, Dublin Core).
	"dc": {
		privacy.Copyright:   "creator contributor rights publisher",
		privacy.Description: "title description subject coverage relation type language",
		privacy.Identity:    "identifier source",
		privacy.Time:        "date",
		neutral:             "format",
	},
	"dcterms": {privacy.Provenance: "provenance", privacy.Place: "Location spatial", privacy.Time: "created modified date", privacy.Copyright: "creator rights license"},
	"xmp": {
		privacy.Time:        "CreateDate ModifyDate MetadataDate",
		privacy.Device:      "CreatorTool",
		privacy.Description: "Rating Label Nickname Title Description Keywords",
		privacy.Copyright:   "Author Authors",
		privacy.Identity:    "Identifier BaseURL",
		privacy.Preview:     "Thumbnails PageInfo",
		neutral:             "Format",
		privacy.Provenance:  "Advisory",
	},
	"xmpGImg":   {privacy.Preview: "image width height format"},
	"xmpMM":     {privacy.Identity: "DocumentID InstanceID OriginalDocumentID VersionID PreservedFileName DerivedFrom* Ingredients ManagedFrom Manage* Manifest RenditionOf Rendition* SaveID Versions VersionRef", privacy.Provenance: "History Pantry"},
	"stRef":     {privacy.Identity: "*"},
	"stEvt":     {privacy.Identity: "instanceID parameters", privacy.Provenance: "*"},
	"stVer":     {privacy.Provenance: "*"},
	"stMfs":     {privacy.Identity: "*"},
	"stJob":     {privacy.Identity: "*"},
	"xmpBJ":     {privacy.Identity: "*"},
	"xmpidq":    {privacy.Identity: "*"},
	"xmpNote":   {privacy.Identity: "HasExtendedXMP"}, // a hash of what was removed
	"xmpRights": {privacy.Copyright: "*"},
	"cc":        {privacy.Copyright: "*"},
	"photoshop": {
		privacy.Place:       "City State Country",
		privacy.Copyright:   "Credit Source Author Copyright WebStatement",
		privacy.Identity:    "AuthorsPosition CaptionWriter TransmissionReference DocumentAncestors LegacyIPTCDigest SidecarForExtension EmbeddedXMPDigest",
		privacy.Description: "Headline Instructions Category SupplementalCategories Urgency Caption Title Keywords",
		privacy.Time:        "DateCreated",
		privacy.Provenance:  "History TextLayers LayerName LayerText",
		neutral:             "ColorMode",
		privacy.Device:      "ICCProfile",
	},
	"Iptc4xmpCore": {
		privacy.Place:       "Location CountryCode",
		privacy.Identity:    "CreatorContactInfo Ci*",
		privacy.Description: "*",
	},
	"Iptc4xmpExt": {
		privacy.Place:       "LocationCreated LocationShown City CountryCode CountryName LocationId LocationName ProvinceState Sublocation WorldRegion",
		privacy.Copyright:   "AOCopyrightNotice AOCreator AOCreatorId AOCurrentCopyrightOwner* AOCurrentLicensor* EmbdEncRightsExpr LinkedEncRightsExpr EncRightsExpr LinkedRightsExpr RightsExpr*",
		privacy.Identity:    "PersonInImage* Person* DigImageGUID RegistryId Reg* ModelAge AddlModelInfo OrganisationInImage* ImageRegion ProductInImage Product* Contributor rId rbX rbY rbW rbH",
		privacy.Time:        "AODateCreated AOCircaDateCreated",
		privacy.Provenance:  "DigitalSourceType DigitalSourcefileType DataMining",
		privacy.Description: "*",
	},
	"plus": {
		privacy.Copyright: "CopyrightOwner* ImageCreatorName ImageCreatorID ImageCreator ImageSupplier* Licensor LicensorName LicensorID LicensorURL " +
			"CopyrightStatus CreditLineRequired MediaSummaryCode TermsAndConditions* License* Reuse*",
		privacy.Identity:    "*",
		privacy.Description: "Custom* MediaConstraints",
	},
	"cell":          {privacy.Place: "*"}, // the mobile network's cell: country, network, area
	"lr":            {privacy.Description: "*"},
	"digiKam":       {privacy.Description: "*", privacy.Provenance: "ImageHistory ImageUniqueID"},
	"acdsee":        {privacy.Description: "*", privacy.Identity: "author tagged snapshots", privacy.Time: "datetime"},
	"acdsee-rs":     {privacy.Identity: "*"},
	"mwg-kw":        {privacy.Description: "*"},
	"mwg-coll":      {privacy.Identity: "*"},
	"photomechanic": {privacy.Place: "City State Country CountryCode Location", privacy.Description: "*"},
	"MicrosoftPhoto": {
		privacy.Description: "Rating* LastKeyword* Flash*",
		privacy.Time:        "DateAcquired",
		privacy.Identity:    "CameraSerialNumber FlashManufacturer LensManufacturer CreatorOpenWithUIOptions",
	},
	"dwc": { // Darwin Core: observations of animals and plants
		privacy.Location: "decimalLatitude decimalLongitude verbatimLatitude verbatimLongitude verbatimCoordinates footprintWKT",
		privacy.Altitude: "minimumElevationInMeters maximumElevationInMeters verbatimElevation minimumDepthInMeters maximumDepthInMeters verbatimDepth",
		privacy.Place: "Location continent country countryCode stateProvince county municipality locality verbatimLocality island islandGroup waterBody higherGeography* " +
			"locationID locationRemarks locationAccordingTo",
		privacy.Attitude:    "coordinateUncertaintyInMeters coordinatePrecision geodeticDatum georeference*",
		privacy.Identity:    "recordedBy* identifiedBy* occurrenceID eventID recordNumber catalogNumber individualID organismID institutionID collectionID datasetID *ID",
		privacy.Time:        "eventDate eventTime startDayOfYear endDayOfYear year month day verbatimEventDate dateIdentified EarliestDate LatestDate",
		privacy.Description: "*",
	},
	"pdf": {privacy.Copyright: "Author", privacy.Device: "Producer Creator PDFVersion", privacy.Time: "CreationDate ModDate", privacy.Description: "Title Subject Keywords", neutral: "Trapped"},
	"xmpDM": {
		privacy.Place:       "shotLocation",
		privacy.Copyright:   "artist composer copyright director directorPhotography engineer client releaseDate",
		privacy.Identity:    "projectRef* projectName tapeName altTapeName cameraLabel fileDataRate contributedMedia lyrics",
		privacy.Time:        "shotDate startTimecode altTimecode relativeTimestamp metadataModDate audioModDate videoModDate shotDay timeValue",
		privacy.Device:      "cameraModel speakerPlacement instrument",
		privacy.Attitude:    "cameraAngle cameraMove",
		neutral:             "videoFrameRate videoFrameSize videoFieldOrder videoPixelAspectRatio videoPixelDepth videoColorSpace videoAlphaMode audioSampleRate audioSampleType audioChannelType startTimeScale startTimeSampleSize duration value scale numberOfBeats tempo",
		privacy.Description: "*",
	},
	"stDim": {neutral: "w h unit"},
	"DICOM": {privacy.Identity: "*"},
	"GIMP":  {privacy.Device: "API Platform Version", privacy.Time: "TimeStamp"},
	"et":    {privacy.Device: "*"},

	// Pictures inside and beside the picture.
	"hdrgm":                     {privacy.Technical: "Version BaseRenditionIsHDR GainMapMin GainMapMax Gamma OffsetSDR OffsetHDR HDRCapacityMin HDRCapacityMax"},
	"hdr_metadata":              {privacy.Technical: "ccv_* scene_referred"},
	"HDRGainMap":                {privacy.Technical: "HDRGainMapVersion HDRGainMapHeadroom"},
	"apdi":                      {privacy.Technical: "NativeFormat StoredFormat AuxiliaryImageType AuxiliaryImageSubType"},
	"depthData":                 {privacy.Technical: "DepthDataVersion Accuracy Filtered Quality", privacy.Calibration: "*"},
	"depthBlurEffect":           {privacy.Technical: "DepthBlurEffectVersion SimulatedAperture", privacy.MakerNote: "RenderingParameters"},
	"portraitEffectsMatte":      {privacy.Technical: "PortraitEffectsMatteVersion"},
	"semanticSegmentationMatte": {privacy.Technical: "SemanticSegmentationMatteVersion"},
	"aas":                       {privacy.Provenance: "*"},
	"Container":                 {privacy.Technical: "Directory Item"},
	"Item":                      {privacy.Technical: "Mime Semantic Length Padding"},
	"GPano": {
		privacy.Technical: "ProjectionType UsePanoramaViewer CroppedAreaImageWidthPixels CroppedAreaImageHeightPixels FullPanoWidthPixels FullPanoHeightPixels CroppedAreaLeftPixels CroppedAreaTopPixels " +
			"InitialViewPitchDegrees InitialViewRollDegrees InitialHorizontalFOVDegrees InitialVerticalFOVDegrees PosePitchDegrees PoseRollDegrees InitialCameraDolly LargestValidInteriorRect*",
		privacy.Attitude:   "PoseHeadingDegrees InitialViewHeadingDegrees", // degrees from north
		privacy.Time:       "FirstPhotoDate LastPhotoDate",
		privacy.Device:     "CaptureSoftware StitchingSoftware",
		privacy.Exposure:   "ExposureLockUsed",
		privacy.Provenance: "SourcePhotosCount",
	},
	"GSpherical": {privacy.Technical: "Spherical Stitched ProjectionType StereoMode InitialViewPitchDegrees InitialViewRollDegrees CroppedArea* FullPano*", privacy.Attitude: "InitialViewHeadingDegrees", privacy.Device: "StitchingSoftware"},
	"GCamera": {
		privacy.Technical: "MotionPhoto MotionPhotoVersion MotionPhotoPresentationTimestampUs MicroVideo MicroVideoVersion MicroVideoOffset MicroVideoPresentationTimestampUs",
		privacy.Identity:  "BurstID BurstPrimary",
		privacy.MakerNote: "hdrp_makernote shot_log_data HdrPlusMakernote",
	},
	"GDepth":     {privacy.Preview: "Data Confidence Confidence*", privacy.Device: "Manufacturer Model Software", privacy.MakerNote: "*"},
	"GImage":     {privacy.Preview: "*"},
	"GAudio":     {privacy.Preview: "*"},
	"GFocus":     {privacy.MakerNote: "*"},
	"GCreations": {privacy.Identity: "CameraBurstID", privacy.Provenance: "*"},
	"mwg-rs":     {privacy.Identity: "*"}, // faces: names and where they are
	"MP":         {privacy.Identity: "*"},
	"MPRI":       {privacy.Identity: "*"},
	"MPReg":      {privacy.Identity: "*"},
	"apple-fi":   {privacy.Identity: "*"},

	// Drones and their cameras.
	"drone-dji": dji,
	"DJI":       dji,
	"FLIR": { // two namespaces: FLIR's own and DJI's on XT cameras
		privacy.Altitude:    "MAVRelativeAltitude",
		privacy.Attitude:    "MAVYaw MAVPitch MAVRoll MAVYawRate MAVPitchRate MAVRollRate MAVRateOfClimb MAVRateOfClimbRef",
		privacy.Identity:    "MAVComponentID",
		privacy.Device:      "MAVVersionID",
		privacy.Technical:   "TlinearGain", // without it counts are no temperatures
		privacy.Calibration: "BandName CentralWavelength WavelengthFWHM ImageOffset* ImageValid* ImageUpsampleMode CentralTemperature",
	},
	"drone-parrot": {
		privacy.Attitude: "Camera*Degree Drone*Degree",
		privacy.Identity: "CapturedSequenceID MediaID BootId RunID",
		privacy.Time:     "RunDate",
	},
	"drone-skydio": {
		privacy.Location:    "Latitude Longitude",
		privacy.Altitude:    "AbsoluteAltitude RelativeAltitude",
		privacy.Operator:    "VehiclePosition* CameraPosition*", // metres from where the pilot stood
		privacy.Identity:    "VehicleId VehicleName FlightId LogHandle MediaId ReleaseKey TakeoffUtime TakeoffUclock",
		privacy.Time:        "CaptureUtime CaptureUclock",
		privacy.Attitude:    "VehicleOrientation* CameraOrientation* VehicleSpeed* Gimbal* GpsStatus RtkFlag",
		privacy.Calibration: "DewarpData DewarpFlag Calibrated*",
		privacy.Device:      "RecordingMode CameraSource",
	},
	"Camera": { // Pix4D's namespace, which many vendors write
		privacy.Identity:    "CaptureUUID FlightUUID ImageUniqueID SerialNumber",
		privacy.Altitude:    "AboveGroundAltitude TransformAlt",
		privacy.Attitude:    "Yaw Pitch Roll IMU* Irradiance* SunSensor* IntegratedGyro* GyroRate GPSXYAccuracy GPSZAccuracy HorizCS VertCS",
		privacy.Calibration: "RigCameraIndex RigRelatives* ModelType PrincipalPoint Perspective* Fisheye* Vignetting* BandName BandSensitivity CentralWavelength WavelengthFWHM BlackCurrent RadiometricCalibration LineReadoutTime SensorModel DetectorBitDepth IsNormalized ColorTransform SensorTemperature",
		privacy.Technical:   "TlinearGain",
		privacy.Device:      "RigName", // the name of the model
		privacy.Time:        "DataTimestamp FrameTimestamp",
	},
	"MicaSense": {
		privacy.Identity:    "CaptureId FlightId",
		privacy.Altitude:    "PressureAlt",
		privacy.Time:        "BootTimestamp",
		privacy.Calibration: "DarkRowValue RadiometricCalibration ImagerSensorId TriggerMethod",
	},
	"DLS": {
		privacy.Identity:    "Serial SensorId DeviceId",
		privacy.Attitude:    "Yaw Pitch Roll SolarElevation SolarAzimuth",
		privacy.Time:        "TimeStamp BootTimestamp",
		privacy.Calibration: "SpectralIrradiance HorizontalIrradiance DirectIrradiance ScatteredIrradiance EstimatedDirectLightVector Bandwidth CenterWavelength IrradianceExponentToUnits",
	},
}

var dji = ruleset{
	privacy.Location: "GpsLatitude GpsLongitude GpsLongtitude Latitude Longitude LRFTargetLat LRFTargetLon",
	privacy.Altitude: "AbsoluteAltitude RelativeAltitude AltitudeType LRFTargetAlt LRFTargetAbsAlt",
	privacy.Attitude: "GpsStatus RtkFlag RtkStdLon RtkStdLat RtkStdHgt RtkDiffAge SurveyingMode LRFTargetDistance LRFStatus " +
		"Gimbal* Flight*Degree Flight*Speed CamReverse",
	privacy.Operator:    "Home*",
	privacy.Identity:    "DroneID DroneSerialNumber CameraSerialNumber CaptureUUID SelfData ShutterCount WaypointNumber NTRIP* SensorID",
	privacy.Time:        "UTCAtExposure CreateDate ModifyDate",
	privacy.Device:      "DroneModel ProductName Model Make Version ImageSource PictureQuality",
	privacy.Calibration: "Dewarp* CalibratedHMatrix VignettingData VignettingFlag Calibrated* SensorGain* SensorIndex Irradiance LS_* BlackCurrent ExposureTime SensorGain BandFreq BandName SensorGainAdjustment LensPosition LensTemperature SensorTemperature",
}

// whole names the properties whose parts give away what the property does,
// whatever the parts are called.
var whole = map[string]privacy.Class{
	"Iptc4xmpExt:ImageRegion":           privacy.Identity,
	"Iptc4xmpExt:PersonInImageWDetails": privacy.Identity,
	"Iptc4xmpExt:RegistryId":            privacy.Identity,
	"Iptc4xmpCore:CreatorContactInfo":   privacy.Identity,
	"mwg-rs:Regions":                    privacy.Identity,
	"MP:RegionInfo":                     privacy.Identity,
	"apple-fi:Regions":                  privacy.Identity,
	"xmp:Thumbnails":                    privacy.Preview,
	"xmpMM:Manifest":                    privacy.Identity,
	"xmpMM:Ingredients":                 privacy.Identity,
	"xmpMM:Pantry":                      privacy.Provenance,
}
