package mail

import (
	"fmt"

	"brink/internal/judge"
	"brink/internal/summary"
)

// beside prints how the guest was at the sizes around the failure. Where nothing is slow but something fails, what grew
// beside the state often says why: threads at their limit, memory that is gone.
func (l *letter) beside() {
	rows := [][]string{{l.Scenario.Axis, "threads", "stacks", "slab", "per-CPU", "free"}}
	for _, size := range []int64{l.finding.Safe, l.finding.Broken} {
		if r, ok := l.rest(size); ok {
			h := r.Health
			rows = append(rows, []string{judge.Count(size), judge.Count(h.Threads), mib(h.StackKB), mib(h.SlabKB), mib(h.PercpuKB), mib(h.MemFreeKB)})
		}
	}
	if len(rows) > 1 {
		l.columns(rows)
	}
	if r, ok := l.rest(l.finding.Broken); ok && len(r.Health.KernelLines) > 0 {
		l.paragraph("The kernel also logged: %s", r.Health.KernelLines[0])
	}
}

// rest returns the first look at the guest at a size.
func (l *letter) rest(size int64) (summary.Rest, bool) {
	for _, r := range l.Rests {
		if r.Size == size && size > 0 {
			return r, true
		}
	}
	return summary.Rest{}, false
}

func mib(kb int64) string { return fmt.Sprintf("%s MiB", judge.Count(kb/1024)) }
