package qemu

import (
	"fmt"
	"path/filepath"
	"strings"

	"brink/internal/scenario"
	"brink/internal/trial"
)

// The files of a network card's datagram link in the folder of a VM's sockets: QEMU receives at the one, brink at the
// other (qemu(1), "-netdev dgram", since 7.2).
const (
	nicGuest = "nic%d"
	nicHost  = "host%d"
)

// NICGuest is where the frames for a network card are sent to, one a datagram; the first card is 0.
func (s Sockets) NICGuest(i int) string { return filepath.Join(s.Dir, fmt.Sprintf(nicGuest, i)) }

// NICHost is where the frames of a network card arrive.
func (s Sockets) NICHost(i int) string { return filepath.Join(s.Dir, fmt.Sprintf(nicHost, i)) }

// MAC returns the address of a network card; the first one is 0.
func MAC(i int) string { return fmt.Sprintf("52:54:00:00:00:%02x", i+1) }

// nicArgs adds the network cards. Without a folder for sockets nobody feeds those that the host should: they stay silent.
func (c Config) nicArgs(dir string) (args []string) {
	for i, nic := range c.NICs {
		id := fmt.Sprintf("net%d", i)
		netdev := "hubport,hubid=0,id=" + id
		switch {
		case nic.Link == scenario.Host && dir == "":
			netdev = fmt.Sprintf("hubport,hubid=%d,id=%s", i+1, id) // a hub of its own
		case nic.Link == scenario.Host:
			s := Sockets{Dir: dir}
			netdev = fmt.Sprintf("dgram,id=%s,local.type=unix,local.path=%s,remote.type=unix,remote.path=%s", id,
				escape(s.NICGuest(i)), escape(s.NICHost(i)))
		}
		model := nic.Model
		if c.Clock == trial.ClockICount && strings.HasPrefix(model, "virtio-net") {
			model += ",ioeventfd=off" // as for virtio-serial: frames move at the instruction that sends them
		}
		// romfile: no boot ROM, which Debian keeps in a package of its own.
		args = append(args, "-netdev", netdev, "-device", fmt.Sprintf("%s,netdev=%s,mac=%s,romfile=", model, id, MAC(i)))
	}
	return args
}
