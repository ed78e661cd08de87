package ui

import (
	"io"

	"github.com/schollz/progressbar/v3"
)

// Progress shows how far a run has come, on a terminal only.
type Progress struct{ bar *progressbar.ProgressBar }

// NewSteps is NewProgress for a number of steps instead of bytes.
func NewSteps(w io.Writer, show bool, total int64) *Progress {
	p := NewProgress(w, show, total)
	if p.bar != nil {
		progressbar.OptionShowBytes(false)(p.bar)
	}
	return p
}

// NewProgress returns a bar over total bytes that draws on w, or one that
// draws nothing if show is false.
func NewProgress(w io.Writer, show bool, total int64) *Progress {
	if !show {
		return &Progress{}
	}
	return &Progress{progressbar.NewOptions64(max(1, total),
		progressbar.OptionSetWriter(w), progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetPredictTime(true), progressbar.OptionFullWidth(), progressbar.OptionThrottle(100e6))}
}

// Done counts n bytes of input as finished.
func (p *Progress) Done(n int64) {
	if p.bar != nil {
		p.bar.Add64(n) // drawing errors do not matter
	}
}

// Clear takes the bar off the terminal, for instance before a line is printed.
func (p *Progress) Clear() {
	if p.bar != nil {
		p.bar.Clear()
	}
}

// Close takes the bar away for good.
func (p *Progress) Close() {
	if p.bar != nil {
		p.bar.Finish()
	}
}
