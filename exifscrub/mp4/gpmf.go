package mp4

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"flightveil/exifscrub"
	"flightveil/internal/block/gpmf"
	"flightveil/internal/input"
	"flightveil/internal/privacy"
)

// gpmfTags lists keys of GoPro's metadata (gpmf-parser, README; ExifTool,
// table GoPro). Those of class Technical say how to read others.
var gpmfTags = map[string]tag{
	"DEVC": {"", privacy.Technical}, "STRM": {"", privacy.Technical}, "DVID": {"", privacy.Technical}, "STNM": {"", privacy.Technical}, "SCAL": {"", privacy.Technical},
	"UNIT": {"", privacy.Technical}, "SIUN": {"", privacy.Technical}, "TYPE": {"", privacy.Technical}, "TSMP": {"", privacy.Technical}, "TICK": {"", privacy.Technical},
	"TOCK": {"", privacy.Technical}, "EMPT": {"", privacy.Technical}, "STMP": {"", privacy.Technical}, "TMPC": {"", privacy.Technical}, "ORIN": {"", privacy.Technical},
	"ORIO": {"", privacy.Technical}, "MTRX": {"", privacy.Technical}, "VERS": {"", privacy.Technical}, "TIMO": {"", privacy.Technical}, "DISP": {"", privacy.Technical},
	"DVNM": {"DeviceName", privacy.Device}, "MINF": {"Model", privacy.Device}, "FMWR": {"FirmwareVersion", privacy.Device}, "FWVS": {"OtherFirmware", privacy.Device},
	"CASN": {"CameraSerialNumber", privacy.Identity}, "LINF": {"LensSerialNumber", privacy.Identity}, "MUID": {"MediaUniqueID", privacy.Identity}, "CPID": {"CaptureIdentifier", privacy.Identity},
	"GPS5": {"GPSTrack", privacy.Location}, "GPS9": {"GPSTrack", privacy.Location}, "GLPI": {"GPSPos", privacy.Location}, "GPRI": {"GPSRaw", privacy.Location},
	"BPOS": {"ControllerPosition", privacy.Operator}, "GPSU": {"GPSDateTime", privacy.Time}, "GPSP": {"GPSHPositioningError", privacy.Attitude},
	"GPSF": {"GPSMeasureMode", privacy.Attitude}, "GPSA": {"GPSAltitudeSystem", privacy.Attitude}, "SYST": {"SystemTime", privacy.Time}, "CDAT": {"CreationDate", privacy.Time},
	"ACCL": {"Accelerometer", privacy.Attitude}, "GYRO": {"Gyroscope", privacy.Attitude}, "MAGN": {"Magnetometer", privacy.Attitude}, "CORI": {"CameraOrientation", privacy.Attitude},
	"IORI": {"ImageOrientation", privacy.Attitude}, "GRAV": {"GravityVector", privacy.Attitude}, "ATTD": {"Attitude", privacy.Attitude}, "ATTR": {"AttitudeTarget", privacy.Attitude},
	"VTPK": {"VelocityPeak", privacy.Attitude}, "SIMU": {"ScaledIMU", privacy.Attitude}, "SCPR": {"ScaledPressure", privacy.Altitude}, "ESCS": {"EscStatus", privacy.Attitude},
	"KBAT": {"BatteryStatus", privacy.Device}, "SHUT": {"ExposureTimes", privacy.Exposure}, "ISOE": {"ISOSpeeds", privacy.Exposure}, "ISOG": {"ImageSensorGain", privacy.Exposure},
	"WBAL": {"ColorTemperatures", privacy.Exposure}, "WRGB": {"WhiteBalanceRGB", privacy.Exposure}, "YAVG": {"LumaAverage", privacy.Exposure}, "UNIF": {"InputUniformity", privacy.Exposure},
	"HUES": {"PredominantHue", privacy.Description}, "SCEN": {"SceneClassification", privacy.Description}, "FACE": {"FaceDetected", privacy.Description}, "FCNM": {"FaceNumbers", privacy.Description},
	"SROT": {"SensorReadoutTime", privacy.Calibration}, "LNED": {"LocalPositionNED", privacy.Attitude}, "WNDM": {"WindProcessing", privacy.Exposure}, "MWET": {"MicrophoneWet", privacy.Exposure},
	"AALP": {"AudioLevel", privacy.Exposure}, "MSKP": {"MainVideoFrameSkip", privacy.Exposure}, "LSKP": {"LowResolutionFrameSkip", privacy.Exposure},
	"CINF": {"CameraInternalID", privacy.Identity}, "TZON": {"TimeZone", privacy.Time}, "LOGS": {"HealthLogs", privacy.MakerNote}, "CTRK": {"ChapterTrack", privacy.Exposure},
	"CMOD": {"CameraMode", privacy.Exposure}, "MTYP": {"MediaType", privacy.Exposure}, "OREN": {"AutoRotation", privacy.Exposure}, "DZOM": {"DigitalZoomOn", privacy.Exposure},
	"DZST": {"DigitalZoom", privacy.Exposure}, "DZMX": {"DigitalZoomMax", privacy.Exposure}, "SMTR": {"SpotMeter", privacy.Exposure}, "PRTN": {"ProTune", privacy.Exposure},
	"PTWB": {"WhiteBalance", privacy.Exposure}, "PTSH": {"Sharpness", privacy.Exposure}, "PTCL": {"ColorMode", privacy.Exposure}, "EXPT": {"ExposureType", privacy.Exposure},
	"PIMX": {"AutoISOMax", privacy.Exposure}, "PIMN": {"AutoISOMin", privacy.Exposure}, "PTEV": {"ExposureCompensation", privacy.Exposure}, "PHDR": {"HDRSetting", privacy.Exposure},
	"HDRV": {"HDRVideo", privacy.Exposure}, "RATE": {"Rate", privacy.Exposure}, "RAMP": {"SpeedRampSetting", privacy.Exposure}, "VFOV": {"FieldOfView", privacy.Exposure},
	"ZFOV": {"DiagonalFieldOfView", privacy.Exposure}, "VFPS": {"VideoFrameRate", privacy.Exposure}, "VRES": {"VideoFrameSize", privacy.Exposure}, "VLTE": {"VideoLowLight", privacy.Exposure},
	"VLTA": {"VideoLowLightAuto", privacy.Exposure}, "EISE": {"ElectronicImageStabilization", privacy.Exposure}, "EISA": {"ElectronicStabilization", privacy.Exposure},
	"AUPT": {"AutoProtune", privacy.Exposure}, "AUDO": {"AudioSetting", privacy.Exposure}, "AUBT": {"AudioBlueTooth", privacy.Exposure}, "PRJT": {"LensProjection", privacy.Calibration},
	"POLY": {"PolynomialCoefficients", privacy.Calibration}, "ARUW": {"AspectRatioUnwarped", privacy.Calibration}, "ARWA": {"AspectRatioWarped", privacy.Calibration},
	"MXCF": {"MappingXCoefficients", privacy.Calibration}, "MYCF": {"MappingYCoefficients", privacy.Calibration}, "ZMPL": {"ZoomScaleNormalization", privacy.Calibration},
	"VPTS": {"VideoTimeStamp", privacy.Exposure}, "BROD": {"BroadcastSetting", privacy.Exposure}, "PVUL": {"ProView", privacy.Exposure},
	"LRVO": {"LowResolutionOffset", privacy.Exposure}, "LRVS": {"LowResolutionSkip", privacy.Exposure},
}

// gpmfSummary is what blocks of GoPro's metadata hold together.
type gpmfSummary struct {
	path    string
	spans   []exifscrub.Span
	found   []*privacy.Finding
	byKey   map[string]*privacy.Finding
	at      fixes // of the camera
	home    fixes // of the controller
	entries int
}

// read adds the block at s. What is no GPMF makes it unknown.
func (g *gpmfSummary) read(in input.Input, s exifscrub.Span, lim input.Limits) error {
	for e, err := range gpmf.Walk(in, s, lim) {
		if errors.Is(err, gpmf.ErrSyntax) || errors.Is(err, input.ErrLimit) {
			g.add("", tag{"TimedMetadata", privacy.Unknown})
			return nil
		}
		if err != nil {
			return err
		}
		g.entries++
		t, ok := gpmfTags[e.Key]
		switch {
		case !ok:
			t = tag{"Other", privacy.Unknown}
		case t.class == privacy.Technical:
			continue
		case e.IsTrack():
			if err := g.track(in, e, t); err != nil {
				return err
			}
			continue
		}
		f := g.add(e.Key, t)
		if f.Count == 1 && e.Span.Len <= maxCaption {
			if text, err := e.Text(in); err == nil {
				f.Value = privacy.Secret(text)
			}
		}
	}
	return nil
}

// add counts a value.
func (g *gpmfSummary) add(key string, t tag) *privacy.Finding {
	if t.class == privacy.Unknown {
		key = ""
	}
	f, ok := g.byKey[key]
	if !ok {
		if g.byKey == nil {
			g.byKey = map[string]*privacy.Finding{}
		}
		f = &privacy.Finding{Class: t.class, Path: join(g.path, t.name), Spans: g.spans}
		g.byKey[key] = f
		g.found = append(g.found, f)
	}
	f.Count++
	return f
}

// track adds positions.
func (g *gpmfSummary) track(in input.Input, e gpmf.Entry, t tag) error {
	for fix, err := range e.Fixes(in) {
		if errors.Is(err, gpmf.ErrSyntax) || errors.Is(err, input.ErrUnsupported) {
			g.add("", tag{"Other", privacy.Unknown})
			return nil
		}
		if err != nil {
			return err
		}
		if fix.Operator {
			g.home.add(fix.At)
			continue
		}
		g.at.add(fix.At)
		for _, v := range []struct {
			tag
			v float64
		}{{tag{"GPSAltitude", privacy.Altitude}, fix.Alt}, {tag{"GPSSpeed", privacy.Attitude}, fix.Speed}, {tag{"GPSSpeed3D", privacy.Attitude}, fix.Speed3D}} {
			if !math.IsNaN(v.v) {
				g.add(v.name, v.tag)
			}
		}
		if !fix.Time.IsZero() {
			f := g.add("GPSU", gpmfTags["GPSU"])
			f.Value = cmp.Or(f.Value, privacy.Secret(fix.Time.Format("2006-01-02 15:04:05")))
		}
	}
	if t.class == privacy.Location && g.at.count == 0 || t.class == privacy.Operator && g.home.count == 0 {
		g.add(e.Key, t) // no fix yet
	}
	return nil
}

func (g *gpmfSummary) findings() []privacy.Finding {
	out := slices.Concat(g.at.findings(g.path, privacy.Location, g.spans), g.home.findings(join(g.path, "Controller"), privacy.Operator, g.spans))
	for _, f := range g.found {
		out = append(out, *f)
	}
	return out
}
