package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"

	"flightveil/exifscrub/scrubtest"
)

const (
	xmpBegin = "<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
	xmpEnd   = "<?xpacket end=\"w\"?>"
	xmpRDF   = ` xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"`
)

// xmpFixtures returns packets and sidecars in every way XMP can be written.
func xmpFixtures() map[string][]byte {
	drone := xmpDrone()
	files := map[string]string{
		"drone.xmp":          drone,
		"elements.xmp":       xmpElements(),
		"panorama.xmp":       xmpPanorama(),
		"positions.xmp":      xmpPositions(),
		"raw.xmp":            xmpRaw(),
		"thumbnail.xmp":      xmpThumbnail(),
		"minimal.xmp":        `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF` + xmpRDF + `><rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>`,
		"empty.xmp":          `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF` + xmpRDF + `></rdf:RDF></x:xmpmeta>`,
		"rdf-only.xmp":       `<rdf:RDF` + xmpRDF + ` xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Description about="uuid:` + scrubtest.Serial + `"><dc:creator><rdf:Bag><rdf:li>` + scrubtest.Person + `</rdf:li></rdf:Bag></dc:creator></rdf:Description></rdf:RDF>`,
		"markup.xmp":         xmpMarkup(),
		"cut.xmp":            drone[:strings.Index(drone, "GimbalYaw")],
		"two-packets.xmp":    xmpBegin + drone + "\x00\x00\x00" + drone + "\x00",
		"declared-twice.xmp": strings.NewReplacer("drone-dji:", "DJI:", ` xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/"`, ` xmlns:DJI="http://www.dji.com" xmlns:DJI="http://www.dji.com"`).Replace(drone),
		"entities.xmp": "<?xml version=\"1.0\"?>\n<!DOCTYPE x [<!ENTITY a \"" + scrubtest.Person + "\"><!ENTITY b \"&a;&a;&a;&a;\">]>\n" +
			`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF` + xmpRDF + `><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:creator="&b;"/></rdf:RDF></x:xmpmeta>`,
		"unclosed.xmp": `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF` + xmpRDF + `><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:source>` + scrubtest.Place + `</rdf:Description></rdf:RDF></x:xmpmeta>`,
	}
	out := map[string][]byte{}
	for name, s := range files {
		out[name] = []byte(s)
	}
	out["utf16le.xmp"] = xmpWide(xmpElements(), binary.LittleEndian, 2)
	out["utf16be.xmp"] = xmpWide(xmpPositions(), binary.BigEndian, 2)
	out["utf32le.xmp"] = xmpWide(drone, binary.LittleEndian, 4)
	out["damaged-odd.xmp"] = out["utf16le.xmp"][:len(out["utf16le.xmp"])/2|1]
	return out
}

// xmpDrone is what DJI cameras write: attributes only, padded to a fixed size.
func xmpDrone() string {
	lat, lon := fmt.Sprintf("%+.8f", scrubtest.Lat), fmt.Sprintf("%+.8f", scrubtest.Lon)
	return xmpBegin + `<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF` + xmpRDF + `>
  <rdf:Description rdf:about="DJI Meta Data"
    xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
    xmlns:exif="http://ns.adobe.com/exif/1.0/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/"
    xmlns:GPano="http://ns.google.com/photos/1.0/panorama/"
   xmp:CreateDate="` + scrubtest.Day + scrubtest.When[10:] + `"
   xmp:ModifyDate='` + scrubtest.Day + "T" + scrubtest.When[11:] + `.250+08:00'
   tiff:Make="DJI"
   tiff:Model="FC9999"
   dc:format="image/jpg"
   drone-dji:GpsStatus="RTK"
   drone-dji:GpsLatitude="` + lat + `"
   drone-dji:GpsLongitude="` + lon + `"
   drone-dji:GpsLongtitude="` + lon + `"
   drone-dji:AbsoluteAltitude="+1234.567"
   drone-dji:RelativeAltitude="+99.973"
   drone-dji:GimbalYawDegree="-120.00"
   drone-dji:FlightXSpeed="-2.0"
   drone-dji:RtkFlag="50"
   drone-dji:RtkStdLat="0.01227"
   drone-dji:NTRIPMountPoint="` + scrubtest.Place + `"
   drone-dji:DewarpData="2031-06-01;3666.66,3666.66,-6.0"
   drone-dji:DroneSerialNumber="` + scrubtest.Serial + `"
   drone-dji:SelfData="` + scrubtest.Text + `">
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
` + strings.Repeat(strings.Repeat(" ", 99)+"\n", 3) + xmpEnd
}

// xmpElements is a sidecar with properties as elements, arrays and structures.
func xmpElements() string {
	return "<?xml version='1.0' encoding='UTF-8'?>\n<x:xmpmeta xmlns:x='adobe:ns:meta/' x:xmptk='Some Toolkit 1.0'>\n<rdf:RDF" + xmpRDF + `>
 <rdf:Description rdf:about='uuid:` + scrubtest.Serial + `' xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
   xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#" xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:e='http://iptc.org/std/Iptc4xmpExt/2008-02-29/'>
  <dc:creator><rdf:Seq><rdf:li>` + scrubtest.Person + `</rdf:li><rdf:li>J. Ánother</rdf:li></rdf:Seq></dc:creator>
  <dc:description><rdf:Alt><rdf:li xml:lang="x-default">` + scrubtest.Text + ` &amp; more</rdf:li><rdf:li xml:lang="de">&#x42;oot<![CDATA[shaus < & >]]></rdf:li></rdf:Alt></dc:description>
  <dc:source rdf:resource="file:///home/` + scrubtest.Person + `/pictures"/>
  <dc:title rdf:parseType="Literal"><b>` + scrubtest.Place + `</b></dc:title>
  <xmpMM:History><rdf:Seq>
    <rdf:li stEvt:action="saved" stEvt:instanceID="xmp.iid:` + scrubtest.Serial + `" stEvt:when="` + scrubtest.Day + "T" + scrubtest.When[11:] + `+02:00"/>
    <rdf:li rdf:parseType="Resource"><stEvt:action>derived</stEvt:action><stEvt:parameters>` + scrubtest.Text + `</stEvt:parameters></rdf:li>
  </rdf:Seq></xmpMM:History>
  <e:LocationCreated><rdf:Bag><rdf:li><rdf:Description>
    <e:City>` + scrubtest.Place + `</e:City><e:CountryCode>QQ</e:CountryCode>
    <exif:GPSLatitude>41,23.250750S</exif:GPSLatitude><exif:GPSLongitude>132,27.110250W</exif:GPSLongitude><exif:GPSAltitude>1234567/1000</exif:GPSAltitude>
  </rdf:Description></rdf:li></rdf:Bag></e:LocationCreated>
  <e:PersonInImage><rdf:Bag><rdf:li rdf:parseType="Resource"><rdf:value>` + scrubtest.Person + `</rdf:value><dc:identifier>` + scrubtest.Serial + `</dc:identifier></rdf:li></rdf:Bag></e:PersonInImage>
  <exif:FNumber>28/10</exif:FNumber>
  <exif:ExposureMode>` + scrubtest.Person + `</exif:ExposureMode>
  <exif:Flash rdf:parseType="Resource"><exif:Fired>True</exif:Fired><exif:Mode>1</exif:Mode></exif:Flash>
  <exif:ISOSpeedRatings><rdf:Seq><rdf:li>100</rdf:li></rdf:Seq></exif:ISOSpeedRatings>
  <exif:DateTimeOriginal>` + scrubtest.Day + "T" + scrubtest.When[11:] + `</exif:DateTimeOriginal>
 </rdf:Description>
 <rdf:Description rdf:about='' xmlns:tiff='http://ns.adobe.com/tiff/1.0/'><tiff:Orientation>6</tiff:Orientation><tiff:Artist>` + scrubtest.Person + `</tiff:Artist></rdf:Description>
 <rdf:Description rdf:about='' xmlns:v="http://vendor.example/1.0/" v:BodySerial="` + scrubtest.Serial + `" v:PilotName="` + scrubtest.Person + `" v:TakeoffLatitude="-41.3875125" v:TakeoffLongitude="-132.4518375" v:Whatever="` + scrubtest.Text + `"/>
</rdf:RDF>
</x:xmpmeta>
`
}

// xmpPanorama holds what must stay, and what must not stay with it.
func xmpPanorama() string {
	return xmpBegin + `<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Some Toolkit 1.0" x:note="` + scrubtest.Serial + `">
  <rdf:RDF` + xmpRDF + `>
    <rdf:Description rdf:about="" xmlns:GPano="http://ns.google.com/photos/1.0/panorama/" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"
        xmlns:C="http://ns.google.com/photos/1.0/container/" xmlns:I="http://ns.google.com/photos/1.0/container/item/"
        xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"
      GPano:ProjectionType="equirectangular" GPano:UsePanoramaViewer="True" GPano:FullPanoWidthPixels="4096" GPano:FullPanoHeightPixels="2048"
      GPano:CroppedAreaLeftPixels="0" GPano:PoseHeadingDegrees="241.5" GPano:PosePitchDegrees="1.5" GPano:FirstPhotoDate="` + scrubtest.Day + "T" + scrubtest.When[11:] + `Z"
      GPano:StitchingSoftware="Some Stitcher" GPano:Remark="` + scrubtest.Text + `" hdrgm:Version="1.0" hdrgm:HDRCapacityMax="1.3" hdrgm:Gamma="` + scrubtest.Person + `"
      xmpNote:HasExtendedXMP="22971CCA47F8A8E11D0A48E790AF56C7" GCamera:MotionPhoto="1" GCamera:BurstID="` + scrubtest.Serial + `">
      <hdrgm:GainMapMin><rdf:Seq><rdf:li>-0.25</rdf:li><rdf:li>-0.26</rdf:li><rdf:li>-0.28</rdf:li></rdf:Seq></hdrgm:GainMapMin>
      <C:Directory><rdf:Seq>
        <rdf:li rdf:parseType="Resource"><C:Item I:Mime="image/jpeg" I:Semantic="Primary"/></rdf:li>
        <rdf:li rdf:parseType="Resource"><C:Item I:Mime="image/jpeg" I:Semantic="GainMap" I:Length="52666" I:Label="` + scrubtest.Person + `"/></rdf:li>
      </rdf:Seq></C:Directory>
    </rdf:Description>
  </rdf:RDF>
</x:xmpmeta>
` + xmpEnd
}

// xmpPositions holds one position in every form that is written.
func xmpPositions() string {
	return xmpBegin + `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF` + xmpRDF + `>
 <rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="41,23.250750S" exif:GPSLongitude="132,27.110250W"
   exif:GPSDestLatitude="41,23,15S" exif:GPSDestLongitude="132,27,07W" exif:GPSAltitude="1234567/1000" exif:GPSTimeStamp="` + scrubtest.Day + "T" + scrubtest.When[11:] + `Z"/>
 <rdf:Description rdf:about="" xmlns:v="http://vendor.example/1.0/" v:Latitude="41.3875125" v:LatitudeRef="South" v:Longitude="132.4518375" v:LongitudeRef="W" v:Heading="12.5"/>
 <rdf:Description rdf:about="" xmlns:drone-skydio="https://www.skydio.com/drone-skydio/1.0/"><drone-skydio:Latitude>-41.3875125000</drone-skydio:Latitude>
   <drone-skydio:Longitude> -132.4518375 </drone-skydio:Longitude><drone-skydio:VehicleId>` + scrubtest.Serial + `</drone-skydio:VehicleId></rdf:Description>
 <rdf:Description rdf:about="" xmlns:dwc="http://rs.tdwg.org/dwc/index.htm"><dwc:Location rdf:parseType="Resource"><dwc:decimalLatitude>-41.38751</dwc:decimalLatitude>
   <dwc:decimalLongitude>-132.45184</dwc:decimalLongitude><dwc:locality>` + scrubtest.Place + `</dwc:locality></dwc:Location></rdf:Description>
 <rdf:Description rdf:about="" xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/" drone-dji:LRFTargetLat="-41.4" drone-dji:LRFTargetLon="-132.5" drone-dji:GpsLatitude="0.0" drone-dji:GpsLongitude="0.0"/>
 <rdf:Description rdf:about="" xmlns:FL="http://vendor.example/2.0/" FL:HomeLatitude="-41.3875125" FL:HomeLongitude="-132.4518375"/>
</rdf:RDF></x:xmpmeta>` + xmpEnd
}

// xmpRaw is the sidecar of a raw file, whose settings are still to be applied.
func xmpRaw() string {
	return `<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Some Toolkit 1.0"><rdf:RDF` + xmpRDF + `>
 <rdf:Description rdf:about="" xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/" crs:HasSettings="True" crs:AlreadyApplied="False"
   crs:Exposure2012="+1.80" crs:WhiteBalance="As Shot" crs:RawFileName="` + scrubtest.Person + `.DNG" crs:PresetName="` + scrubtest.Place + `" aux:SerialNumber="` + scrubtest.Serial + `">
  <crs:ToneCurvePV2012><rdf:Seq><rdf:li>0, 0</rdf:li><rdf:li>255, 255</rdf:li></rdf:Seq></crs:ToneCurvePV2012>
  <crs:Look rdf:parseType="Resource"><crs:Name>` + scrubtest.Text + `</crs:Name><crs:Amount>1</crs:Amount></crs:Look>
 </rdf:Description></rdf:RDF></x:xmpmeta>`
}

// xmpThumbnail holds a picture with a comment of its own.
func xmpThumbnail() string {
	comment := scrubtest.Text + strings.Repeat(".", 200)
	jpeg := "\xFF\xD8\xFF\xFE" + string(binary.BigEndian.AppendUint16(nil, uint16(len(comment)+2))) + comment + "\xFF\xD9"
	return xmpBegin + `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF` + xmpRDF + `><rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:xmpGImg="http://ns.adobe.com/xap/1.0/g/img/" xmp:Rating="5">
<xmp:Thumbnails><rdf:Alt><rdf:li rdf:parseType="Resource"><xmpGImg:width>1</xmpGImg:width><xmpGImg:format>JPEG</xmpGImg:format><xmpGImg:image>` +
		strings.Replace(base64.StdEncoding.EncodeToString([]byte(jpeg)), "L", "L&#xA;", 3) + `</xmpGImg:image></rdf:li></rdf:Alt></xmp:Thumbnails>
</rdf:Description></rdf:RDF></x:xmpmeta>` + xmpEnd
}

// xmpMarkup hides things where no property is.
func xmpMarkup() string {
	return `<?xml version="1.0"?><!DOCTYPE x:xmpmeta PUBLIC "` + scrubtest.Serial + `" "x"><!-- ` + scrubtest.Person + ` --><?vendor ` + scrubtest.Text + `?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:other="` + scrubtest.Place + `">` + scrubtest.Text + `<rdf:RDF` + xmpRDF + ` rdf:bagID="` + scrubtest.Serial + `">` + scrubtest.Person + `
<rdf:Description rdf:about="" rdf:nodeID="` + scrubtest.Serial + `" xml:lang="` + scrubtest.Person + `" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:unused="http://` + scrubtest.Serial + `.example/">
<![CDATA[` + scrubtest.Place + `]]><tiff:Orientation><!-- ` + scrubtest.Serial + ` -->6</tiff:Orientation><tiff:BitsPerSample><rdf:Seq>` + scrubtest.Text + `<rdf:li>8<?x ` + scrubtest.Serial + `?></rdf:li></rdf:Seq></tiff:BitsPerSample>
<tiff:XResolution rdf:datatype="http://` + scrubtest.Serial + `/">72/1</tiff:XResolution></rdf:Description></rdf:RDF></x:xmpmeta> ` + scrubtest.Text
}

// xmpWide encodes s as UTF-16 or UTF-32 with a byte-order mark.
func xmpWide(s string, o binary.AppendByteOrder, width int) []byte {
	s = "\uFEFF" + strings.ReplaceAll(strings.ReplaceAll(s, "\uFEFF", ""), "encoding='UTF-8'", "encoding='UTF-16'")
	var b []byte
	if width == 4 {
		for _, r := range s {
			b = o.AppendUint32(b, uint32(r))
		}
		return b
	}
	for _, u := range utf16.Encode([]rune(s)) {
		b = o.AppendUint16(b, u)
	}
	return b
}
