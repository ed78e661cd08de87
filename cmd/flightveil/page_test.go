package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"flightveil/internal/cardtest"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// reportPages makes every kind of HTML report of the invented card.
func reportPages(t *testing.T) map[string]string {
	t.Helper()
	dir, card := t.TempDir(), cardtest.Dir(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, args := range [][]string{
		{"share", card, "-o", in("out"), "--html", in("share.html"), "--private-report", in("private.html")},
		{"inspect", card, "--html", in("inspect.html")},
		{"inspect", card, "--html", in("values.html"), "--show-values"},
		{"inspect", filepath.Join(card, "if found.txt"), "--html", in("nothing.html")},
	} {
		var stdout, stderr strings.Builder
		if code := run(context.Background(), args, streams{strings.NewReader(""), &stdout, &stderr}); code != exitIncomplete {
			t.Fatalf("%s: exit %d\n%s%s", args[0], code, &stdout, &stderr)
		}
	}
	if code := run(context.Background(), []string{"attack", "--homes", "100", "--flights", "3", "--html", in("attack.html")}, streams{strings.NewReader(""), io.Discard, io.Discard}); code != exitOK {
		t.Fatalf("attack: exit %d", code)
	}
	out := map[string]string{}
	for _, name := range []string{"share", "private", "inspect", "values", "nothing", "attack"} {
		out[name] = in(name + ".html")
	}
	return out
}

// TestPagesSayNoMore looks for what was planted on the card: the public report
// holds none of it, the inspection only names of files, and the private ones,
// which are for their owner only, show what they are for.
func TestPagesSayNoMore(t *testing.T) {
	card, pages := cardtest.Load(t), reportPages(t)
	canaries := card.Canaries()
	text := map[string][]byte{}
	for name, path := range pages {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text[name] = b
		private := name == "private" || name == "values"
		if fi, err := os.Stat(path); err == nil && private != (fi.Mode().Perm()&0o077 == 0) {
			t.Errorf("%s: mode %v", name, fi.Mode())
		}
		for _, word := range []string{`\bsafe\b`, `(?i)anonym`, `<script`, `https?://`, ` style="`, ` on[a-z]+="`} {
			if m := regexp.MustCompile(word).Find(b); m != nil {
				t.Errorf("%s holds %q", name, m)
			}
		}
		if hits := len(canaries.Search(b)); private && hits < 20 {
			t.Errorf("%s: %d values of the card are on it: it shows nothing", name, hits)
		}
	}
	if hits := canaries.Search(text["share"]); len(hits) > 0 {
		t.Errorf("the public report tells %q", hits)
	}
	dir := []byte(cardtest.Dir(t))
	plain := bytes.ReplaceAll(text["inspect"], dir, nil)
	for _, hit := range canaries.Search(plain) {
		if !strings.HasPrefix(hit, "file name") && !bytes.Contains(plain, []byte("for Zephyrine Quillfeather/")) {
			t.Errorf("the inspection tells %s", hit)
		}
		if strings.HasPrefix(hit, "serial") || strings.Contains(hit, "track of") || strings.Contains(hit, "a point") {
			t.Errorf("the inspection tells %s", hit)
		}
	}
}

// TestPagesInBrowser loads every report in a browser without a network, narrow
// and wide, light and dark: nothing is asked for, nothing is complained about,
// nothing sticks out, everything can be read and reached with a keyboard.
func TestPagesInBrowser(t *testing.T) {
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome", "headless-shell"} {
		if p, err := exec.LookPath(name); err == nil {
			browser = p
			break
		}
	}
	if browser == "" {
		t.Skip("no chromium on this system: the HTML reports are not loaded in a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser), chromedp.WSURLReadTimeout(5*time.Minute),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"), chromedp.Flag("proxy-server", "127.0.0.1:9"))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	defer stop()
	ctx, stop = chromedp.NewContext(ctx)
	defer stop()
	if err := chromedp.Run(ctx); err != nil {
		t.Fatal(err)
	}
	for name, path := range reportPages(t) {
		for _, width := range []int64{360, 1440} {
			for _, scheme := range []string{"light", "dark"} {
				t.Run(fmt.Sprintf("%s/%d/%s", name, width, scheme), func(t *testing.T) {
					for _, s := range browse(t, ctx, path, width, scheme) {
						t.Error(s)
					}
				})
			}
		}
	}
	t.Run("what is wrong is seen", func(t *testing.T) {
		bad := filepath.Join(t.TempDir(), "bad.html")
		if err := os.WriteFile(bad, []byte(badPage), 0o600); err != nil {
			t.Fatal(err)
		}
		seen := strings.Join(browse(t, ctx, bad, 360, "light"), "\n")
		for _, want := range []string{"asks for https://flightveil.invalid/x.png", "writes to the console: log", "the browser says: error", "the page is 2008 wide", "sticks out: p.", "contrast 1.", "letters of 6 px",
			"skips a level", "not just one main", "without a text", "without scope", "scrolled by keyboard", "given twice", "without a name", "does not have", "the first tab"} {
			if !strings.Contains(seen, want) {
				t.Errorf("not seen: %s", want)
			}
		}
		if t.Failed() {
			t.Log(seen)
		}
	})
}

// badPage has one of each fault.
const badPage = `<!doctype html><meta http-equiv="Content-Security-Policy" content="style-src 'none'"><title>x</title><h1 id="a">x</h1><h3 id="a">y</h3>
<section><p width="2000"><font color="#dddddd">pale</font></p></section><svg width="9" height="9"></svg><table width="2000"><tr><th>z</th></tr></table>
<img src="https://flightveil.invalid/x.png"><pre><font size="1" id="tiny">tiny</font></pre><script>
document.querySelector("section p").attributeStyleMap.set("width", "2000px")
document.querySelector("#tiny").attributeStyleMap.set("font-size", "6px")
console.log("x")</script><p style="color: red">refused by the policy</p>`

// browse loads a page in a tab of its own and returns what is wrong with it.
func browse(t *testing.T, browser context.Context, path string, width int64, scheme string) []string {
	t.Helper()
	ctx, stop := chromedp.NewContext(browser)
	defer stop()
	address := (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
	var mu sync.Mutex
	var complaints []string
	complain := func(format string, a ...any) {
		mu.Lock()
		defer mu.Unlock()
		complaints = append(complaints, fmt.Sprintf(format, a...))
	}
	chromedp.ListenTarget(ctx, func(ev any) {
		switch ev := ev.(type) {
		case *network.EventRequestWillBeSent:
			if ev.Request.URL != address && !strings.HasPrefix(ev.Request.URL, "data:") {
				complain("asks for %s", ev.Request.URL)
			}
		case *runtime.EventConsoleAPICalled:
			complain("writes to the console: %s", ev.Type)
		case *runtime.EventExceptionThrown:
			complain("throws %s", ev.ExceptionDetails.Text)
		case *cdplog.EventEntryAdded:
			complain("the browser says: %s: %s", ev.Entry.Level, ev.Entry.Text)
		}
	})
	var before, after []string
	var outline, focused string
	var opened bool
	tasks := chromedp.Tasks{
		network.Enable(), cdplog.Enable(), runtime.Enable(),
		chromedp.ActionFunc(func(ctx context.Context) error {
			return cdp.Execute(ctx, "Network.emulateNetworkConditions", map[string]any{"offline": true, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}, nil)
		}),
		chromedp.EmulateViewport(width, 900),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
		chromedp.Navigate(address),
		chromedp.Evaluate(pageFaults, &before),
		chromedp.KeyEvent(kb.Tab),
		chromedp.Evaluate(`document.activeElement.className`, &focused),
		chromedp.Evaluate(`getComputedStyle(document.activeElement).outlineStyle + " " + (document.activeElement.getBoundingClientRect().top >= 0)`, &outline),
	}
	if *update && strings.HasSuffix(path, "share.html") && width == 1440 && scheme == "light" {
		tasks = append(tasks, chromedp.Evaluate(`document.activeElement.blur()`, nil), chromedp.ActionFunc(screenshot))
	}
	tasks = append(tasks,
		chromedp.Evaluate(`(() => { const s = document.querySelector("summary"); if (s) s.focus(); return true })()`, nil),
		chromedp.KeyEvent(kb.Enter),
		chromedp.Evaluate(`!document.querySelector("summary") || document.querySelector("details").open`, &opened),
		chromedp.Evaluate(`document.querySelectorAll("details").forEach(d => d.open = true)`, nil),
		chromedp.Evaluate(pageFaults, &after),
	)
	if err := chromedp.Run(ctx, tasks); err != nil {
		t.Fatal(err)
	}
	if focused != "skip" || outline != "solid true" {
		complain("the first tab reaches %q, outline and in view: %q", focused, outline)
	}
	if !opened {
		complain("the enter key does not open a file")
	}
	return slices.Concat(complaints, before, after)
}

// screenshot writes what the README shows: the page as far as its first flight.
func screenshot(ctx context.Context) error {
	if err := chromedp.EmulateViewport(1200, 900).Do(ctx); err != nil {
		return err
	}
	var height float64
	if err := chromedp.Evaluate(`document.querySelector(".flight").getBoundingClientRect().bottom + scrollY + 26`, &height).Do(ctx); err != nil {
		return err
	}
	b, err := page.CaptureScreenshot().WithClip(&page.Viewport{Width: 1200, Height: height, Scale: 1}).WithCaptureBeyondViewport(true).Do(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll("../../docs", 0o755); err != nil {
		return err
	}
	if err := os.WriteFile("../../docs/report.png", b, 0o644); err != nil {
		return err
	}
	return chromedp.EmulateViewport(1440, 900).Do(ctx)
}

// pageFaults lists what is wrong with the layout, the contrast (WCAG 2.2, 1.4.3)
// and the structure of the page.
const pageFaults = `(() => {
  const out = [], width = document.documentElement.clientWidth;
  const name = e => e.tagName.toLowerCase() + "." + (e.getAttribute("class") || "") + " " + JSON.stringify(e.textContent.trim().slice(0, 30));
  if (document.documentElement.scrollWidth > width) out.push("the page is " + document.documentElement.scrollWidth + " wide in a window of " + width);
  const rgb = s => s.match(/[\d.]+/g).map(Number);
  const light = c => { const v = c.slice(0, 3).map(x => { x /= 255; return x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4 }); return .2126 * v[0] + .7152 * v[1] + .0722 * v[2] };
  for (const e of document.querySelectorAll("body *")) {
    if (e.closest("svg") || e.matches(".hidden, .skip")) continue;
    const box = e.getBoundingClientRect();
    if (!box.width || !e.checkVisibility()) continue;
    if (!e.closest("table") && (box.right > width + .5 || box.left < -.5)) out.push("sticks out: " + name(e));
    if (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display != "inline" && !e.matches(".scroll, header.hero")) out.push("is cut or overflows: " + name(e));
    if (![...e.childNodes].some(n => n.nodeType == 3 && n.textContent.trim())) continue;
    const style = getComputedStyle(e);
    let under = e, back;
    while (under && (back = rgb(getComputedStyle(under).backgroundColor), back.length == 4 && back[3] == 0)) under = under.parentElement;
    const a = light(rgb(style.color)), b = light(under ? back : [255, 255, 255]);
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05), size = parseFloat(style.fontSize);
    if (ratio < (size >= 24 || size >= 18.6 && style.fontWeight >= 700 ? 3 : 4.5)) out.push("contrast " + ratio.toFixed(2) + ": " + name(e));
    if (size < 11.9) out.push("letters of " + size + " px: " + name(e));
  }
  let level = 0;
  for (const h of document.querySelectorAll("h1,h2,h3,h4")) {
    if (h.tagName[1] > level + 1) out.push("a heading skips a level: " + name(h));
    level = +h.tagName[1];
  }
  for (const [one, n] of Object.entries({h1: 1, main: 1, "body > header": 1, "body > footer": 1, title: 1})) if (document.querySelectorAll("head > " + one + ", " + (one == "title" ? "none" : one)).length != n) out.push("not just one " + one);
  for (const s of document.querySelectorAll("svg")) {
    if (s.closest("[aria-hidden=true]")) continue;
    const label = (s.getAttribute("aria-labelledby") || "").split(" ").map(id => document.getElementById(id)?.textContent || "").join("");
    if (s.getAttribute("role") != "img" || !label) out.push("a drawing without a text: " + name(s.parentElement));
  }
  for (const t of document.querySelectorAll("table")) {
    if (![...t.querySelectorAll("th")].every(h => h.scope)) out.push("a header without scope: " + name(t));
    const region = t.closest("[role=region]");
    if (!region || region.tabIndex < 0 || !(region.getAttribute("aria-label") || document.getElementById(region.getAttribute("aria-labelledby")))) out.push("a table that cannot be scrolled by keyboard: " + name(t));
  }
  const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
  if (new Set(ids).size != ids.length) out.push("an id is given twice");
  for (const s of document.querySelectorAll("section")) if (!document.getElementById(s.getAttribute("aria-labelledby"))) out.push("a section without a name");
  if (document.querySelector("img, script, link:not([rel=icon]), iframe, [style]")) out.push("something that a page of ours does not have");
  return out;
})()`
