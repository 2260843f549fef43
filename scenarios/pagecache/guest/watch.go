//go:build linux

package guest

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"brink/internal/guest"
	"brink/internal/trial"
)

// lookEvery is how often somebody looks at the threads.
const lookEvery = 50 * time.Millisecond

// afterwards is how long others are waited for when a thread has failed. One that hangs for the same reason adds nothing.
const afterwards = 2 * time.Second

// wait returns when all threads have ended, with the error of the first that failed. A thread that is stuck is a *guest.StuckError, and
// then the others are not waited for. look is called now and then.
func (b *bout) wait(look func()) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var first error
	var failed int64
	for left := b.threads; left > 0; {
		select {
		case err := <-b.ended:
			left--
			if first == nil && err != nil {
				first, failed = err, now()
			}
		case <-tick.C:
			look()
			b.looks++
			if first != nil && now()-failed > int64(afterwards) {
				return first
			}
			if err := b.stuck(now()); err != nil {
				b.stop.Store(true)
				return cmp.Or(first, err)
			}
		}
	}
	return first
}

// stuck looks for a thread whose action takes longer than the patience. A guest that gets too little of a busy host does not count: who
// looks must have had its turns, too, or half of them.
func (b *bout) stuck(at int64) error {
	for _, t := range b.team {
		since := t.since.Load()
		if since != t.seen.since {
			t.seen = seen{since, b.looks}
		}
		looks := time.Duration(b.looks - t.seen.looks)
		if since == 0 || time.Duration(at-since) < b.patience || looks*lookEvery < b.patience/2 {
			continue
		}
		task := readThread(t.tid.Load())
		if task.Stack == "" && (task.Wchan == "" || task.Wchan == "0") { // it runs: what it does is all that names the failure
			task.Wchan = class(t.doing.Load()).String()
		}
		return &guest.StuckError{Task: task, Text: fmt.Sprintf("thread %d of %d: %s not done after %v, its task is in state %s%s",
			t.n, b.threads, class(t.doing.Load()), time.Duration(at-since).Round(time.Second), task.State, b.others(at))}
	}
	return nil
}

// others says how many more threads are waiting long.
func (b *bout) others(at int64) string {
	n := 0
	for _, t := range b.team {
		if since := t.since.Load(); since != 0 && time.Duration(at-since) > b.patience/2 {
			n++
		}
	}
	if n < 2 {
		return ""
	}
	return fmt.Sprintf("; %d threads have made no progress for %v", n, b.patience/2)
}

// doneActions is how many actions all threads have done.
func (b *bout) doneActions() (n int64) {
	for _, t := range b.team {
		n += t.done.Load()
	}
	return n
}

// readThread says where a thread of this process is (proc(5)).
func readThread(tid int64) trial.Task {
	dir := fmt.Sprintf("/proc/self/task/%d", tid)
	read := func(name string) string {
		text, _ := os.ReadFile(filepath.Join(dir, name))
		return strings.TrimSpace(string(text))
	}
	stat := read("stat")
	task := trial.Task{PID: int(tid), Comm: read("comm"), Wchan: read("wchan"), Stack: read("stack")}
	if _, rest, ok := strings.Cut(stat, ") "); ok && rest != "" {
		task.State = rest[:1]
	}
	return task
}
