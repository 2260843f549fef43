//go:build linux

package groups

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// fake is a folder that stands for a cgroup file system: what the kernel would put into a new cgroup must be put there.
func fake(t *testing.T, v Version) *Groups {
	g := &Groups{Version: v, dir: t.TempDir(), scratch: t.TempDir()}
	put(t, g.Root(), "cgroup.subtree_control", "")
	return g
}

func put(t *testing.T, c *Group, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(c.Dir(), name), []byte(text), 0o600))
}

func get(t *testing.T, c *Group, name string) string {
	t.Helper()
	text, err := c.read(name)
	require.NoError(t, err)
	return text
}

func TestMakeMakesWhatIsAbove(t *testing.T) {
	g := fake(t, V1)
	c, err := g.Make("brink/service")
	require.NoError(t, err)
	assert.Equal(t, "/brink/service", c.path)
	assert.DirExists(t, c.Dir())
	again, err := g.Make("/brink/service/")
	require.NoError(t, err)
	assert.Equal(t, c, again)
	assert.EqualValues(t, 2, g.live.Load(), "what is there is not counted twice")

	above, err := g.Make("brink")
	require.NoError(t, err)
	assert.ErrorIs(t, above.Remove(), unix.ENOTEMPTY)
	require.NoError(t, c.Remove())
	assert.EqualValues(t, 1, g.live.Load())
	assert.ErrorContains(t, c.Remove(), "remove cgroup /brink/service: no such file")
}

func TestMakeHandsTheControllerDown(t *testing.T) {
	g := fake(t, V2)
	_, err := g.Make("pod")
	require.NoError(t, err)
	assert.Equal(t, "+memory", get(t, g.Root(), "cgroup.subtree_control"))
	_, err = g.Make("pod/service")
	assert.ErrorContains(t, err, "/pod/cgroup.subtree_control: no such file", "a folder has no such file")
}

func TestSiblingsUpAndDown(t *testing.T) {
	g := fake(t, V1)
	pod, err := g.Make("pod")
	require.NoError(t, err)
	_, err = g.Make("pod/service")
	require.NoError(t, err)
	for _, n := range []int{3, 600, 600, 2, 0} {
		var told []int
		require.NoError(t, g.Siblings(pod, n, func(done int) { told = append(told, done) }))
		have, err := pod.siblings()
		require.NoError(t, err)
		assert.Equal(t, n, have)
		assert.EqualValues(t, n+2, g.live.Load())
		for _, done := range told {
			assert.Zero(t, done%progressEvery)
		}
	}
	assert.DirExists(t, filepath.Join(pod.Dir(), "service"))
}

func TestLimits(t *testing.T) {
	for v, file := range map[Version]string{V1: "memory.limit_in_bytes", V2: "memory.max"} {
		g := fake(t, v)
		put(t, g.Root(), file, "")
		put(t, g.Root(), usageFile[v], "4096\n")
		require.NoError(t, g.Root().SetLimit(1<<20))
		assert.Equal(t, "1048576", get(t, g.Root(), file))
		usage, err := g.Root().Usage()
		require.NoError(t, err)
		assert.EqualValues(t, 4096, usage)

		put(t, g.Root(), file, "")
		require.NoError(t, g.Root().SetLimit(Unlimited))
		assert.Equal(t, map[Version]string{V1: "-1", V2: "max"}[v], get(t, g.Root(), file))
	}
}

func TestReclaimPutsBackWhatItLowered(t *testing.T) {
	for v, file := range map[Version]string{V1: "memory.limit_in_bytes", V2: "memory.high"} {
		g := fake(t, v)
		put(t, g.Root(), usageFile[v], "8000000\n")
		put(t, g.Root(), file, "9000000\n")
		freed, err := g.Root().Reclaim(1_000_000)
		require.NoError(t, err)
		assert.Zero(t, freed, "a file does not reclaim")
		assert.Equal(t, "9000000\n", get(t, g.Root(), file))
	}
	g := fake(t, V2)
	put(t, g.Root(), "memory.current", "8000000\n")
	put(t, g.Root(), "memory.reclaim", "")
	_, err := g.Root().Reclaim(1_000_000)
	require.NoError(t, err)
	assert.Equal(t, "1000000", get(t, g.Root(), "memory.reclaim"))

	g = fake(t, V2)
	put(t, g.Root(), "memory.reclaim", "")
	freed, err := g.Root().Reclaim(4096)
	require.NoError(t, err, "the root of version 2 has no usage")
	assert.Zero(t, freed)
	pod, err := g.Make("pod")
	require.NoError(t, err)
	_, err = pod.Reclaim(4096)
	assert.ErrorContains(t, err, "read memory.current of cgroup /pod")
}

func TestDyingLeavesNothingBehindWhereItFails(t *testing.T) {
	g := fake(t, V1)
	pod, err := g.Make("pod")
	require.NoError(t, err)
	_, err = g.Dying(pod, 3, nil)
	assert.ErrorContains(t, err, "leave dying cgroup 0", "a folder has no file tasks")
	assert.NoDirExists(t, filepath.Join(pod.Dir(), "dying"))
	assert.EqualValues(t, 1, g.live.Load())
}

func TestDyingCountOfVersion2(t *testing.T) {
	g := fake(t, V2)
	put(t, g.Root(), "cgroup.stat", "nr_descendants 2\nnr_dying_descendants 8192\n")
	n, err := g.DyingCount()
	require.NoError(t, err)
	assert.EqualValues(t, 8192, n)
}

func TestChainAndRemoveAll(t *testing.T) {
	g := fake(t, V1)
	top, err := g.Make("deep")
	require.NoError(t, err)
	leaf, err := top.Chain(40)
	require.NoError(t, err)
	assert.Len(t, leaf.path, len("/deep")+40*len("/d"))
	require.NoError(t, top.RemoveAll())
	assert.NoDirExists(t, top.Dir())
	assert.Zero(t, g.live.Load())
}

func TestKillWithoutTheFile(t *testing.T) {
	g := fake(t, V2)
	put(t, g.Root(), "cgroup.procs", "")
	n, err := g.Root().Kill()
	require.NoError(t, err, "before 5.14 there is no cgroup.kill")
	assert.Zero(t, n)
	put(t, g.Root(), "cgroup.kill", "")
	_, err = g.Root().Kill()
	require.NoError(t, err)
	assert.Equal(t, "1", get(t, g.Root(), "cgroup.kill"))
}

func TestOnlyVersion1HasAnOOMControl(t *testing.T) {
	g := fake(t, V2)
	assert.ErrorContains(t, g.Root().SetOOMKill(false), "take version 1")
	_, err := g.Root().ListenOOM()
	assert.ErrorContains(t, err, "no event_control")

	g = fake(t, V1)
	put(t, g.Root(), "memory.oom_control", "0")
	require.NoError(t, g.Root().SetOOMKill(false))
	assert.Equal(t, "1", get(t, g.Root(), "memory.oom_control"))
}

func TestCacheOfAFile(t *testing.T) {
	f, err := os.OpenFile(filepath.Join(t.TempDir(), "device"), os.O_RDWR|os.O_CREATE, 0o600)
	require.NoError(t, err)
	c := &Cache{f, 8192}
	require.NoError(t, c.Write(100_000))
	info, err := f.Stat()
	require.NoError(t, err)
	assert.EqualValues(t, 8192+100_000, info.Size(), "from its start on, no more")
	require.NoError(t, c.Read(100_000))
	assert.ErrorContains(t, c.Read(200_000), "the device is too small")
	require.NoError(t, c.Drop(100_000))
	require.NoError(t, c.Close())
	assert.Error(t, c.Read(1))
}

func TestMountKnowsTwoVersions(t *testing.T) {
	_, err := Mount(3)
	assert.ErrorContains(t, err, "choose 1 or 2")
}

func TestForgetDropsWhatIsHeld(t *testing.T) {
	g := fake(t, V2)
	require.NoError(t, g.Forget(), "nothing was held yet")
	require.NoError(t, g.openHeld())
	_, err := g.held.WriteString("a page")
	require.NoError(t, err)
	require.NoError(t, g.Forget())
	info, err := g.held.Stat()
	require.NoError(t, err)
	assert.Zero(t, info.Size())
	_, err = g.held.WriteString("x")
	require.NoError(t, err)
	info, err = g.held.Stat()
	require.NoError(t, err)
	assert.EqualValues(t, 1, info.Size(), "the next page is the first one again")
}
