package specs

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// browser is a headless Chromium with one page, and what that page complained
// of.
type browser struct {
	ctx context.Context

	mu         sync.Mutex
	complaints []string
}

// screenshots is where the pictures of the pages are kept, for people; git ignores it.
// They cost a tenth of these specs, and are taken where GAUNTLET_PICTURES asks for them.
const screenshots = "../out/screenshots"

// openBrowser starts Chromium without a profile and without a way to the
// network that it would use by itself. It ends with the spec.
func openBrowser() *browser {
	GinkgoHelper()
	program, err := exec.LookPath("chromium-headless-shell") // without what draws windows it costs a third less
	if err != nil {
		program, err = exec.LookPath("chromium")
	}
	skipUnless(err == nil, "Chromium not found: install it with: make deps")
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.UserDataDir(GinkgoT().TempDir()), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Env("TMPDIR="+GinkgoT().TempDir()), // it leaves things there
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, end := chromedp.NewExecAllocator(context.Background(), options...)
	DeferCleanup(end)
	ctx, end = chromedp.NewContext(ctx)
	DeferCleanup(func() {
		defer end()
		polite, late := context.WithTimeout(ctx, soonEnough)
		defer late()
		Expect(chromedp.Cancel(polite)).To(Succeed()) // what is killed may still write into its folder: a script started it
	})
	b := &browser{ctx: ctx}
	b.listen()
	return b
}

// listen gathers what the page says on its console, until the browser ends.
func (b *browser) listen() {
	messages := chromedp.Console(b.ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			b.mu.Lock()
			b.complaints = append(b.complaints, m.String())
			b.mu.Unlock()
		}
	}()
}

// said is all that the page said on its console.
func (b *browser) said() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string{}, b.complaints...)
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	GinkgoHelper()
	ctx, end := context.WithTimeout(b.ctx, soonEnough)
	defer end()
	Expect(chromedp.Do(ctx, steps...)).To(Succeed())
}

// open shows a file, in a scheme of colours, and waits until its script has
// drawn it. A place begins with #.
func (b *browser) open(file, place, scheme string) {
	GinkgoHelper()
	b.openIn(file, place, scheme, 1400)
}

// openIn does so in a window of a width in pixels.
func (b *browser) openIn(file, place, scheme string, width int) {
	GinkgoHelper()
	b.visitIn("file://"+file+place, scheme, width)
	b.do(chromedp.WaitReady(chromedp.CSS("html[data-ready]")))
}

// visit shows what is at an address.
func (b *browser) visit(address string) {
	GinkgoHelper()
	b.do(chromedp.Navigate("about:blank"), chromedp.Navigate(address))
	b.do(chromedp.WaitReady(chromedp.CSS("html[data-ready]")))
}

// visitIn shows any page, in a scheme of colours and a window of a width.
func (b *browser) visitIn(address, scheme string, width int) {
	GinkgoHelper()
	b.wear(scheme, width)
	// To a place in the page that is open nothing would be loaded.
	if strings.Contains(address, "#") && eval[bool](b, fmt.Sprintf("location.href.split('#')[0] === new URL(%q).href.split('#')[0]", address)) {
		b.do(chromedp.Navigate("about:blank"))
	}
	b.do(chromedp.Navigate(address))
}

// wear shows the page that is open in a scheme of colours and a window of a width.
func (b *browser) wear(scheme string, width int) {
	GinkgoHelper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	Expect(err).NotTo(HaveOccurred())
	b.do(chromedp.EmulateViewport(int64(width), 1000))
}

// readsWell shows a page in wide and narrow windows and holds it, by day and by night,
// to what every page has to be: to be read, all of it on the screen, and each control
// with a name. Colours change in the page that is open, as they do in the evening. A
// page that draws something for the width of its window has to be shown again in each.
func (b *browser) readsWell(name string, show func(width int), drawn bool) {
	GinkgoHelper()
	const wide, narrow = 1400, 390
	for _, width := range []int{wide, narrow} {
		if width == wide || drawn {
			show(width)
		}
		for _, scheme := range []string{"light", "dark"} {
			b.wear(scheme, width)
			Expect(apply[[]string](b, "contrast", 4.5)).To(BeEmpty(), "%s, %d px", scheme, width)
			if (width > 1000) == (scheme == "light") { // two of the four pictures show what there is to see
				b.keep(fmt.Sprintf("%s-%d-%s", name, width, scheme))
			}
		}
		Expect(apply[[]string](b, "outside", width)).To(BeEmpty(), "%d px", width)
		Expect(unnamed(b)).To(BeEmpty(), "%d px", width)
	}
	Expect(b.said()).To(BeEmpty(), "nothing was wrong in the browser's eyes")
}

// see takes a picture of a part of the page.
func (b *browser) see(selector, name string) {
	GinkgoHelper()
	eval[any](b, fmt.Sprintf("document.querySelector(%q).scrollIntoView()", selector))
	b.keep(name)
}

// goTo changes the place in the page that is open.
func (b *browser) goTo(place, appears string) {
	GinkgoHelper()
	eval[string](b, fmt.Sprintf("location.hash = %q", place))
	b.await(appears)
}

// await waits until something is on the page.
func (b *browser) await(selector string) {
	GinkgoHelper()
	b.do(chromedp.WaitReady(chromedp.CSS(selector)))
}

func (b *browser) click(selector string) {
	GinkgoHelper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

// keep takes a picture of the page, where pictures are wanted.
func (b *browser) keep(name string) {
	GinkgoHelper()
	if os.Getenv("GAUNTLET_PICTURES") == "" {
		return
	}
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	Expect(err).NotTo(HaveOccurred())
	Expect(os.MkdirAll(screenshots, 0o755)).To(Succeed())
	path, err := filepath.Abs(filepath.Join(screenshots, name+".png"))
	Expect(err).NotTo(HaveOccurred())
	Expect(os.WriteFile(path, picture, 0o644)).To(Succeed())
	AddReportEntry("picture", path)
}

// eval runs an expression in the page.
func eval[T any](b *browser, expression string) T {
	GinkgoHelper()
	ctx, end := context.WithTimeout(b.ctx, soonEnough)
	defer end()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	Expect(err).NotTo(HaveOccurred(), expression)
	return value
}

// apply calls a function that is kept in testdata/page.
func apply[T any](b *browser, name string, arguments ...any) T {
	GinkgoHelper()
	text, err := os.ReadFile(filepath.Join("testdata", "page", name+".js"))
	Expect(err).NotTo(HaveOccurred())
	list, err := json.Marshal(append([]any{}, arguments...))
	Expect(err).NotTo(HaveOccurred())
	return eval[T](b, fmt.Sprintf("(%s)(...%s)", text, list))
}
