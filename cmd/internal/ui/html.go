package ui

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
)

// HTML reports are one file each: no script, no picture from elsewhere, and a
// policy that forbids a browser to load anything. What is shown passes through
// html/template; the style sheet is the only text taken as it is.

//go:embed page/report.html
var pageHTML string

//go:embed page/report.css
var pageCSS string

var pageTemplate = template.Must(template.New("report").Parse(pageHTML))

// A page is an HTML report, whatever it reports on. Parts that are empty are
// left out.
type page struct {
	Policy string
	Style  template.CSS

	Title, Kicker, Heading, Lede string

	State        *state
	Notice       string
	Tiles        []fact
	Cards        []pageCard
	FlightsTitle string
	FlightsWords string
	Flights      []flightView
	Folders      []flightView // those without a track
	Findings     *findingsTable
	Checks       *checks
	FilesWords   string
	Groups       []fileGroup
	Footer       []string
}

// A state is a short text with a tone: ok, warn, bad or plain. The tone is
// also told by an icon and by the words, never by colour alone.
type state struct{ Tone, Text string }

type fact struct{ Label, Value string }

// A pageCard is a list of sentences.
type pageCard struct {
	Kind, Icon, Title string
	Items             []cardItem
}

type cardItem struct{ Head, Text, Code string }

type findingsTable struct {
	Title, Words string
	Head         []column
	Rows         []findingRow
}

type column struct {
	Text   string
	Number bool
}

type findingRow struct {
	Words, Class string
	Cells        []cell
}

type cell struct {
	Text         string
	Number, Zero bool
	Fates        []state
}

type checks struct {
	Kind, Icon, Words string
	Lines             []string
	Left              []leftRow
}

type leftRow struct{ Output, Class, Path, As string }

// A fileGroup is a table of files, or what is in one file, folded away.
type fileGroup struct {
	Name, Words string
	Head        []string
	Rows        [][]string
	More        string
}

// write renders p.
func (p *page) write(w io.Writer) error {
	sum := sha256.Sum256([]byte(pageCSS))
	p.Style = template.CSS(pageCSS)
	p.Policy = "default-src 'none'; img-src data:; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		return fmt.Errorf("making the HTML report: %w", err)
	}
	_, err := b.WriteTo(w)
	return err
}

// count shows a number with narrow spaces between thousands.
func count(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "\u202F" + s[i:]
	}
	return s
}

// counted is plural with a readable number.
func counted(n int, noun string) string {
	return strings.Replace(Plural(n, noun), fmt.Sprint(n), count(n), 1)
}

// sentence begins s with a capital letter.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

var pageFooter = []string{
	"This page is complete in itself: it loads nothing, runs no script and sends nothing. It was made on the pilot's own computer.",
}
