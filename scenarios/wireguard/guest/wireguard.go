//go:build linux

package guest

import (
	"fmt"
	"math/rand/v2"

	"golang.zx2c4.com/wireguard/wgctrl"
	"golang.zx2c4.com/wireguard/wgctrl/wgtypes"

	"brink/internal/guest"
	"brink/internal/trial"
)

// gateway is the state that grows: peers, spread evenly over the devices. Peer i is on device i % devices.
type gateway struct {
	peers   peers
	devices []device
	size    int64 // peers there are
	hot     int
	random  *rand.Rand // chooses the peers that the ops touch
}

// New makes the scenario for a plan.
func New(plan trial.Plan) (guest.Scenario, error) {
	wg, err := wgctrl.New()
	if err != nil {
		return nil, fmt.Errorf("open wgctrl: %w", err)
	}
	g := &gateway{peers: newPeers(plan.Seed, plan.Settings), hot: plan.Settings.Int("hot"),
		random: rand.New(rand.NewPCG(plan.Seed, 1<<63))}
	for i := range plan.Settings.Int("devices") {
		d := device{name: deviceName(i), wg: wg, port: serverPort + i}
		if plan.Settings.Bool("private-key") {
			key := g.peers.privateKey(int64(-1 - i))
			d.key = &key
		}
		g.devices = append(g.devices, d)
	}
	return g, nil
}

// Do runs one op.
func (g *gateway) Do(op string, size int64, m *guest.Meter) error {
	ops := map[string]func(int64, *guest.Meter) error{
		"grow": g.grow, "load": g.load, "delete": g.delete, "dump": g.dump, "jit": g.justInTime,
		"add": g.addOne, "remove": g.removeOne, "update": g.updateOne, "lookup": g.lookup, "handshake": g.handshake,
		syncConfOp: g.syncConf,
	}
	run, ok := ops[op]
	if !ok {
		return fmt.Errorf("%w: no op %q", guest.ErrScenario, op)
	}
	return run(size, m)
}

// grow adds peers to the devices there are.
func (g *gateway) grow(size int64, m *guest.Meter) error {
	lists := g.split(g.size, size)
	count := size - g.size
	return m.Time(count, func() error { return g.addAll(lists, m, size) })
}

// load starts from nothing: fresh devices, keys, all peers, up; what a gateway does after a reboot.
func (g *gateway) load(size int64, m *guest.Meter) error {
	if g.size != 0 {
		return fmt.Errorf("%w: load with %d peers there", guest.ErrScenario, g.size)
	}
	lists := g.split(0, size)
	err := m.Time(size, func() error {
		for _, d := range g.devices {
			if err := d.create(); err != nil {
				return err
			}
		}
		if err := g.addAll(lists, m, size); err != nil {
			return err
		}
		for _, d := range g.devices {
			if err := d.up(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, d := range g.devices {
		if err := d.route(); err != nil {
			return err
		}
	}
	return nil
}

func (g *gateway) addAll(lists [][]wgtypes.PeerConfig, m *guest.Meter, size int64) error {
	for i, list := range lists {
		if err := g.devices[i].add(list, m, g.size, size); err != nil {
			return err
		}
		g.size += int64(len(list))
	}
	return nil
}

// split makes the peers from and up to, without to, a list for each device.
func (g *gateway) split(from, to int64) [][]wgtypes.PeerConfig {
	lists := make([][]wgtypes.PeerConfig, len(g.devices))
	for i := from; i < to; i++ {
		d := i % int64(len(lists))
		lists[d] = append(lists[d], g.peers.config(i))
	}
	return lists
}

// delete removes all devices with their peers.
func (g *gateway) delete(size int64, m *guest.Meter) error {
	return m.Time(size, func() error {
		for _, d := range g.devices {
			if err := d.delete(); err != nil {
				return err
			}
		}
		g.size = 0
		return nil
	})
}

// dump reads every peer back and counts them.
func (g *gateway) dump(size int64, m *guest.Meter) error {
	for range m.Reps {
		found := int64(0)
		err := m.Time(size, func() error {
			for _, d := range g.devices {
				info, err := d.wg.Device(d.name)
				if err != nil {
					return fmt.Errorf("dump %s: %w", d.name, err)
				}
				found += int64(len(info.Peers))
			}
			return nil
		})
		if err != nil {
			return err
		}
		if found != size {
			return fmt.Errorf("dump shows %d peers where %d were loaded", found, size)
		}
	}
	return nil
}
