package qemu

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/scenario"
	"brink/internal/trial"
)

func TestDisks(t *testing.T) {
	c := Config{Accel: KVM, Clock: trial.ClockWall, MemoryMB: 512, CPUs: 1, Disks: []scenario.Disk{{Size: 1 << 30}, {Size: 2 << 30}}}
	assert.Equal(t, "pc", c.Board())
	args := strings.Join(c.Args(Sockets{Dir: "/s"}, "/t,1"), " ")
	assert.Contains(t, args, "-drive if=none,id=disk0,format=raw,cache=unsafe,discard=unmap,werror=stop,rerror=stop,file=/t,,1/disk0.img "+
		"-device virtio-blk-pci,drive=disk0,serial=disk0")
	assert.Contains(t, args, "file=/t,,1/disk1.img")
	assert.Contains(t, strings.Join(c.AloneArgs("e", "p"), " "), "file=disk1.img", "in the folder of run.sh")

	c.Accel, c.Clock = TCG, trial.ClockICount
	args = strings.Join(c.Args(Sockets{Dir: "/s"}, "/t"), " ")
	assert.Contains(t, args, "shift=0,sleep=on", "else the guest's clock runs away while the host reads")
	assert.Contains(t, args, "virtio-blk-pci,drive=disk0,serial=disk0,ioeventfd=off")
}

func TestDiskImages(t *testing.T) {
	dir := t.TempDir()
	c := Config{Disks: []scenario.Disk{{Size: 1 << 30}, {Size: 2 << 30}}}
	require.NoError(t, c.makeDisks(dir))
	info, err := os.Stat(DiskFile(dir, 1))
	require.NoError(t, err)
	assert.EqualValues(t, 2<<30, info.Size())
	c.removeDisks(dir)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)

	assert.ErrorContains(t, c.makeDisks(dir+"/missing"), "make disk image")
}

func TestBlockError(t *testing.T) {
	full := QMPEvent{Name: "BLOCK_IO_ERROR", Data: json.RawMessage(`{"device":"disk0","operation":"write","action":"stop","nospace":true,"reason":"No space left on device"}`)}
	assert.Contains(t, BlockError(full), "disk0 does not fit on the host's disk")
	broken := QMPEvent{Data: json.RawMessage(`{"device":"disk1","operation":"read","nospace":false,"reason":"Input/output error"}`)}
	assert.Equal(t, "cannot read the image of disk1 on the host: Input/output error", BlockError(broken))
}
