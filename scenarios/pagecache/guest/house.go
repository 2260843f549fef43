//go:build linux

package guest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"brink/internal/guest"
	"brink/scenarios/cgroup-oom/guest/groups"
)

// house is the cgroup whose limit takes the page cache away. The agent's worker is in it while its threads work, and outside while it
// talks and starts threads, so that nothing of that waits for memory.
type house struct {
	groups *groups.Groups
	group  *groups.Group
}

func newHouse() (*house, error) {
	g, err := groups.Mount(groups.V2)
	if err != nil {
		return nil, err
	}
	group, err := g.Make("/brink/pagecache")
	if err != nil {
		return nil, err
	}
	return &house{g, group}, groups.QuietDrops()
}

// limit sets how much the cgroup may hold, in bytes.
func (h *house) limit(bytes int64, high bool) error {
	if !high {
		return h.group.SetLimit(bytes)
	}
	return guest.WriteFile(filepath.Join(h.group.Dir(), "memory.high"), strconv.FormatInt(bytes, 10))
}

// inside does something with the process in the cgroup.
func (h *house) inside(do func() error) error {
	if err := h.group.AddProc(os.Getpid()); err != nil {
		return fmt.Errorf("%w: enter the cgroup: %w", guest.ErrScenario, err)
	}
	err := do()
	if out := h.groups.Root().AddProc(os.Getpid()); out != nil {
		err = errors.Join(err, fmt.Errorf("%w: leave the cgroup: %w", guest.ErrScenario, out))
	}
	return err
}

// refaults is how many pages of files were read again soon after they had been reclaimed (memory.stat of Documentation/admin-guide/
// cgroup-v2.rst; workingset_refault_file since 5.9).
func (h *house) refaults() float64 {
	text, _ := os.ReadFile(filepath.Join(h.group.Dir(), "memory.stat"))
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "workingset_refault_file "); ok {
			n, _ := strconv.ParseFloat(strings.TrimSpace(value), 64)
			return n
		}
	}
	return 0
}
