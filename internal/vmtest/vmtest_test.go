package vmtest

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
)

// fakeTest is a test that notes how it ended.
type fakeTest struct {
	testing.TB
	skipped, failed string
}

func (f *fakeTest) Helper() {}

func (f *fakeTest) Skipf(format string, args ...any) {
	f.skipped = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (f *fakeTest) Fatalf(format string, args ...any) {
	f.failed = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (f *fakeTest) Fatal(args ...any) { f.Fatalf("%s", fmt.Sprint(args...)) }

// ended runs what a test does and reports whether it came to its end.
func (f *fakeTest) ended(do func(testing.TB)) (ended bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		do(f)
		ended = true
	}()
	<-done
	return ended
}

func TestTheGate(t *testing.T) {
	for _, c := range []struct {
		value           string
		runs            bool
		skipped, failed string
	}{
		{value: "require", runs: true},
		{value: "", skipped: "set " + Env + "=require"},
		{value: "1", failed: Env + `="1": set it to require, or not at all`},
		{value: "skip", failed: "set it to require"},
	} {
		t.Run(c.value, func(t *testing.T) {
			t.Setenv(Env, c.value)
			var f fakeTest
			assert.Equal(t, c.runs, f.ended(Require))
			assert.Contains(t, f.skipped, c.skipped)
			assert.Contains(t, f.failed, c.failed)
			assert.Equal(t, c.skipped == "", f.skipped == "")
			assert.Equal(t, c.failed == "", f.failed == "")
		})
	}
}

// TestAKernelThatIsNotThereFails: with the gate open a machine that lacks something fails, and never skips.
func TestAKernelThatIsNotThereFails(t *testing.T) {
	t.Setenv("BRINK_CACHE", t.TempDir())
	var f fakeTest
	missing := filepath.Join(t.TempDir(), "bzImage")
	assert.False(t, f.ended(func(t testing.TB) { Kernel(t, "file:"+missing) }))
	assert.Contains(t, f.failed, missing)
	assert.Empty(t, f.skipped)
}
