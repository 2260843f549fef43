package qemu

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"brink/internal/scenario"
	"brink/internal/trial"
)

func TestNICs(t *testing.T) {
	c := Config{Accel: KVM, Clock: trial.ClockWall, MemoryMB: 512, CPUs: 1, NICs: []scenario.NIC{
		{Model: "e1000", Link: scenario.Hub}, {Model: "virtio-net-pci", Link: scenario.Hub}, {Model: "rtl8139", Link: scenario.Host}}}
	assert.Equal(t, "pc", c.Board(), "some cards are made for that board")

	args := strings.Join(c.Args(Sockets{Dir: "/s,1"}, "/t"), " ")
	assert.Contains(t, args, "-netdev hubport,hubid=0,id=net0 -device e1000,netdev=net0,mac=52:54:00:00:00:01,romfile=")
	assert.Contains(t, args, "-netdev hubport,hubid=0,id=net1 -device virtio-net-pci,netdev=net1,mac=52:54:00:00:00:02,romfile=")
	assert.Contains(t, args, "-netdev dgram,id=net2,local.type=unix,local.path=/s,,1/nic2,remote.type=unix,remote.path=/s,,1/host2 "+
		"-device rtl8139,netdev=net2,mac=52:54:00:00:00:03,romfile=")

	c.Accel, c.Clock = TCG, trial.ClockICount
	args = strings.Join(c.Args(Sockets{Dir: "/s"}, "/t"), " ")
	assert.Contains(t, args, "-device virtio-net-pci,ioeventfd=off,netdev=net1", "so that two runs give the same nanoseconds")
	assert.Contains(t, args, "-device e1000,netdev=net0")

	alone := strings.Join(c.AloneArgs("e", "p"), " ")
	assert.Contains(t, alone, "hubport,hubid=0,id=net0")
	assert.Contains(t, alone, "hubport,hubid=3,id=net2", "nobody feeds it: on a hub of its own")
	assert.NotContains(t, alone, "dgram")
}
