//go:build linux

package guest

import (
	"runtime"
	"sync"
)

// warmThreads makes the Go runtime create n OS threads now and keep them. A kernel that has run out of threads is a
// finding to report, and a Go process that needs a new thread then would crash instead of reporting it.
func warmThreads(n int) {
	var ready, done sync.WaitGroup
	release := make(chan struct{})
	for range n {
		ready.Add(1)
		done.Add(1)
		go func() {
			defer done.Done()
			runtime.LockOSThread() // a locked goroutine that waits keeps its thread: the next one needs another
			defer runtime.UnlockOSThread()
			ready.Done()
			<-release
		}()
	}
	ready.Wait()
	close(release)
	done.Wait()
}
