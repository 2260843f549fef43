package main

import (
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/scenario"
)

func files(texts map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range texts {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func TestCgroupLeft(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
		ok    bool
	}{
		"none": {map[string]string{}, 0, false},
		"version 2, no limit": {map[string]string{"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "max\n",
			"sys/fs/cgroup/a/memory.current": "5\n"}, 0, false},
		"version 2": {map[string]string{"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "1000\n",
			"sys/fs/cgroup/a/b/memory.current": "300\n", "sys/fs/cgroup/a/b/memory.stat": "anon 200\ninactive_file 50\n"}, 750, true},
		"version 2, the one above is narrower": {map[string]string{"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "1000\n",
			"sys/fs/cgroup/a/b/memory.current": "300\n", "sys/fs/cgroup/a/memory.max": "1000\n", "sys/fs/cgroup/a/memory.current": "900\n"}, 100, true},
		"version 1": {map[string]string{"proc/self/cgroup": "5:cpu:/\n4:memory:/job\n0::/\n", "sys/fs/cgroup/memory/job/memory.limit_in_bytes": "1000\n",
			"sys/fs/cgroup/memory/job/memory.usage_in_bytes": "1200\n"}, 0, true},
		"version 1, no limit": {map[string]string{"proc/self/cgroup": "4:memory:/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
			"sys/fs/cgroup/memory/memory.usage_in_bytes": "1200\n"}, 0, false},
		"version 1, seen from inside of a container": {map[string]string{"proc/self/cgroup": "4:memory:/not/mounted/here\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "2000\n", "sys/fs/cgroup/memory/memory.usage_in_bytes": "500\n",
			"sys/fs/cgroup/memory/memory.stat": "inactive_file 7\ntotal_inactive_file 100\n"}, 1600, true},
		"nonsense": {map[string]string{"proc/self/cgroup": "0::\n:\nx\n4:memory:../..\n", "sys/fs/cgroup/memory.max": "many\n"}, 0, false},
	} {
		got, ok := cgroupLeft(files(c.files))
		assert.Equal(t, c.ok, ok, name)
		assert.Equal(t, c.want, got, name)
	}
}

func TestSoakHost(t *testing.T) {
	h := soakHost()
	assert.Positive(t, h.Free)
	assert.LessOrEqual(t, h.Free, memAvailable()<<20+1<<30)
	assert.Positive(t, h.Cores)
}

// TestRoomForDisks: VMs whose disks could fill the host are not started.
func TestRoomForDisks(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "made", "yet")
	free, err := spaceLeft(dir)
	require.NoError(t, err)
	require.Greater(t, free, int64(spare), "this test needs some space")

	room, err := roomForDisks(dir, 0, 6, 1)
	require.NoError(t, err)
	assert.Equal(t, 6, room.VMs)
	assert.Empty(t, room.Text)

	third := (free - spare) * 3 / 10 // the space may change meanwhile
	room, err = roomForDisks(dir, third, 6, 1)
	require.NoError(t, err)
	assert.Equal(t, 3, room.VMs)
	assert.Contains(t, room.Text, "6 VMs asked for, disks for 3: the disks of a VM may grow to ")
	room, err = roomForDisks(dir, third, 6, 2)
	require.NoError(t, err)
	assert.Equal(t, 2, room.VMs, "each kernel gets as many as the other")

	_, err = roomForDisks(dir, 2*free, 6, 1)
	require.ErrorContains(t, err, "free some, choose another folder with --results")

	assert.Equal(t, int64(30), diskBytes([]soakArm{{spec: scenario.Spec{Disks: []scenario.Disk{{Size: 20}}}},
		{spec: scenario.Spec{Disks: []scenario.Disk{{Size: 10}, {Size: 20}}}}}))
}

func TestCrowd(t *testing.T) {
	assert.Zero(t, crowd(2, 2))
	assert.Zero(t, crowd(1, 8))
	assert.Equal(t, 2, crowd(3, 2))
	assert.Equal(t, 6, crowd(12, 2))
}
