//go:build linux

package guest

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/trial"
)

// reports reads a log as /dev/kmsg gives it, a record a line.
func reports(t *testing.T, name string) (found []report) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	var open report
	for line := range strings.Lines(string(text)) {
		stamp, message, ok := parseRecord([]byte(line))
		require.True(t, ok, line)
		if open.take(message) {
			open.At = stamp
			found, open = append(found, open), report{}
		}
	}
	return found
}

func TestReports(t *testing.T) {
	for _, name := range []string{"kill-5.10.kmsg", "kill-6.1.kmsg", "kill-6.1-v1.kmsg", "kill-7.3.kmsg"} {
		t.Run(name, func(t *testing.T) {
			found := reports(t, name)
			require.NotEmpty(t, found)
			r := found[0]
			assert.NotZero(t, r.PID)
			assert.Equal(t, "brink-service", r.Comm)
			assert.True(t, r.Memcg)
			assert.Equal(t, parentPath, r.Group)
			assert.Equal(t, servicePath, r.Task)
			assert.Greater(t, r.Usage, int64(64*mib))
			assert.Greater(t, r.Memory["anon"], int64(48*mib))
			assert.Contains(t, r.Memory, "inactive_file")
			assert.Nil(t, r.misdeed(shape{Limit: 64 * mib, Heap: 77 * mib}), "a kill that had to be")
		})
	}
}

func TestParseRecord(t *testing.T) {
	stamp, text, ok := parseRecord([]byte("6,857,4242424242,-;anon 1\\x0afile 2\n SUBSYSTEM=x\n"))
	require.True(t, ok)
	assert.Equal(t, int64(4242424242000), stamp)
	assert.Equal(t, "anon 1\nfile 2", text)
	for _, bad := range []string{"", ";", "6,1;x", "6,1,soon,-;x", "no record"} {
		_, _, ok := parseRecord([]byte(bad))
		assert.False(t, ok, "%q", bad)
	}
}

func TestMisdeed(t *testing.T) {
	over := shape{Limit: 64 * mib, Heap: 77 * mib}
	good := func() report {
		return report{PID: 7, Comm: "brink-service", Group: parentPath, Task: servicePath, Memcg: true, Usage: 64 * mib,
			Memory: map[string]int64{"anon": 60 * mib, "inactive_file": 2 * mib}}
	}
	assert.Nil(t, good().misdeed(over))
	for name, c := range map[string]struct {
		spoil func(*report)
		shape shape
		want  string
	}{
		"the machine":    {func(r *report) { r.Memcg = false }, over, "oom:machine"},
		"another cgroup": {func(r *report) { r.Group = "/other" }, over, "oom:outside"},
		"another victim": {func(r *report) { r.Task = "/" }, over, "oom:outside"},
		"clean cache":    {func(r *report) { r.Memory["active_file"] = 31 * mib }, over, "oom:reclaimable"},
		"dirty cache": {func(r *report) { r.Memory["active_file"] = 31 * mib; r.Memory["file_dirty"] = 31 * mib },
			over, ""},
		"clean cache of version 1": {func(r *report) {
			r.Memory = map[string]int64{"inactive_file": 0, "total_inactive_file": 20 * mib, "total_active_file": 14 * mib}
		}, over, "oom:reclaimable"},
		"dirty cache of version 1": {func(r *report) {
			r.Memory = map[string]int64{"inactive_file": 0, "total_inactive_file": 34 * mib, "total_dirty": 20 * mib}
		}, over, ""},
		"no need":         {func(*report) {}, shape{Limit: 64 * mib, Heap: 51 * mib}, "oom:fits"},
		"need with tmpfs": {func(*report) {}, shape{Limit: 64 * mib, Heap: 51 * mib, Tmpfs: 16 * mib}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := good()
			c.spoil(&r)
			fault := r.misdeed(c.shape)
			if c.want == "" {
				assert.Nil(t, fault)
				return
			}
			require.NotNil(t, fault)
			assert.Equal(t, c.want, fault.Signature)
			assert.Equal(t, trial.OOM, fault.Kind)
			assert.NotEmpty(t, fault.Title)
		})
	}
	short := report{PID: 7, Comm: "brink-service", Memcg: true}
	assert.Nil(t, short.misdeed(over), "the kernel says less when it is rate limited")
}

func FuzzReport(f *testing.F) {
	f.Add("oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/a,task_memcg=/b,task=x,pid=1,uid=0")
	f.Add("Memory cgroup out of memory: Killed process 12 (a) b) total-vm:1kB")
	f.Add("memory: usage kB\nanon -1\nfile 99999999999999999999")
	f.Fuzz(func(t *testing.T, text string) {
		var r report
		for range 2 {
			r.take(text)
		}
		_ = r.misdeed(shape{Limit: 1})
		if _, parsed, ok := parseRecord([]byte("6,1,2,-;" + text)); ok {
			r.take(parsed)
		}
	})
}
