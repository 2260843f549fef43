package page

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"brink/internal/summary"
	"brink/internal/vmtest"
)

// browser is a headless Chromium with one page of ours in it.
type browser struct {
	t    testing.TB
	ctx  context.Context
	mu   sync.Mutex
	said []string // errors and warnings of the console, of the policy, of the page
	sent []string // what was asked for over any protocol
}

func newBrowser(t testing.TB) *browser {
	t.Helper()
	vmtest.Require(t)
	path, err := exec.LookPath("chromium")
	require.NoError(t, err, "install chromium")
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	b := &browser{t: t, ctx: ctx}
	require.NoError(t, chromedp.Listen(ctx, b.hear), "start chromium")
	return b
}

func (b *browser) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.said = append(b.said, fmt.Sprint(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		b.said = append(b.said, string(e.Type))
	case *log.EventEntryAdded:
		b.said = append(b.said, e.Entry.Text)
	case *network.EventRequestWillBeSent:
		b.sent = append(b.sent, e.Request.URL)
	}
}

// do does things in the page.
func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, steps...))
}

// eval returns what an expression gives in the page; a promise is waited for.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(b.t, err)
	return v
}

// await waits until an expression is true. chromedp.Poll would need eval() in the page, which its policy forbids.
func (b *browser) await(expression string) {
	b.t.Helper()
	held := eval[bool](b, `new Promise(done => {
		const end = performance.now() + 20000;
		const look = () => (`+expression+`) ? done(true) : performance.now() > end ? done(false) : setTimeout(look, 5);
		look();
	})`)
	require.True(b.t, held, "waited 20 s for %s", expression)
}

// scheme is what the system says of light and dark.
func scheme(theme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}})
		return err
	})
}

// open writes a run's page and opens it from the disk, at a width and in a theme of the system.
func (b *browser) open(s summary.Summary, width int64, theme string) {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), "report.html")
	out, err := os.Create(file)
	require.NoError(b.t, err)
	require.NoError(b.t, Write(out, s))
	require.NoError(b.t, out.Close())
	b.mu.Lock()
	b.said, b.sent = nil, nil
	b.mu.Unlock()
	b.do(chromedp.EmulateViewport(width, 900), scheme(theme), chromedp.Navigate("file://"+file))
	b.await(`performance.getEntriesByName("drawn").length > 0`)
}

// drawn is how long it took from the start of the navigation until the last plot was drawn.
func (b *browser) drawn() time.Duration {
	ms := eval[float64](b, `performance.getEntriesByName("drawn")[0].startTime`)
	return time.Duration(ms * float64(time.Millisecond))
}
