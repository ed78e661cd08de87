// Package all lists the media containers the toolkit knows.
package all

import (
	"flightveil/exifscrub"
	"flightveil/exifscrub/aae"
	"flightveil/exifscrub/avi"
	"flightveil/exifscrub/cr3"
	"flightveil/exifscrub/fff"
	"flightveil/exifscrub/gif"
	"flightveil/exifscrub/gpmf"
	"flightveil/exifscrub/heif"
	"flightveil/exifscrub/iptc"
	"flightveil/exifscrub/jp2"
	"flightveil/exifscrub/jpeg"
	"flightveil/exifscrub/jumbf"
	"flightveil/exifscrub/jxl"
	"flightveil/exifscrub/mkv"
	"flightveil/exifscrub/mp4"
	"flightveil/exifscrub/mts"
	"flightveil/exifscrub/png"
	"flightveil/exifscrub/psd"
	"flightveil/exifscrub/psir"
	"flightveil/exifscrub/raf"
	"flightveil/exifscrub/rtk"
	"flightveil/exifscrub/srt"
	"flightveil/exifscrub/tiff"
	"flightveil/exifscrub/webp"
	"flightveil/exifscrub/xmp"
	"flightveil/internal/input"
)

// Formats returns every container. Adding one adds one line here.
func Formats() *input.Registry[exifscrub.Format] {
	return input.NewRegistry[exifscrub.Format](
		jumbf.Format{},
		mkv.Format{},
		mts.Format{},
		avi.Format{},
		fff.Format{},
		gif.Format{},
		heif.Format{},
		gpmf.Format{},
		aae.Format{},
		cr3.Format{},
		iptc.Format{},
		jp2.Format{},
		psd.Format{},
		psir.Format{},
		raf.Format{},
		rtk.Format{},
		srt.Format{},
		mp4.Format{},
		png.Format{},
		webp.Format{},
		xmp.Format{},
		jpeg.Format{},
		jxl.Format{},
		tiff.Format{},
	)
}
