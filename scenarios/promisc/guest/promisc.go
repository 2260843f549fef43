//go:build linux

// Package guest builds the bridge with its containers, addresses and VLANs inside the guest, floods it (package traffic),
// and does the ops.
package guest

import (
	"fmt"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"brink/internal/guest"
	"brink/internal/trial"
	"brink/scenarios/promisc"
)

// host is what grows: a bridge with the network card, and the containers, FDB entries and VLANs on it.
type host struct {
	axis     string
	settings setting
	seed     uint64

	bridge *bridge
	asks   *netlink.Handle // of the flood's watch, a goroutine of its own: a socket takes one request at a time
	fleet  *fleet
	macs   int64 // FDB entries there are
	vlans  int64 // on every port
	flood  *flood
}

// setting holds the sizes of the quantities that are not ramped.
type setting struct {
	containers, macs, vlans, pps int64
	filter                       bool // the bridge filters VLANs
	nic, source                  string
	at, frame, sources, ports    int
}

func newSetting(p trial.Plan) setting {
	held := func(quantity string) int64 { return int64(p.Settings.Int(quantity)) }
	filter := p.Axis == promisc.VLANs || held(promisc.VLANs) > 0
	return setting{filter: filter, containers: held(promisc.Containers), macs: held(promisc.MACs), vlans: held(promisc.VLANs),
		pps: held(promisc.PPS), nic: p.Settings["nic"], source: p.Settings["source"], at: p.Settings.Int("at"),
		frame: p.Settings.Int("frame"), sources: p.Settings.Int("sources"), ports: p.Settings.Int(promisc.Ports)}
}

// New makes the scenario for a plan. The bridge with the network card is there before the first op.
func New(plan trial.Plan) (guest.Scenario, error) {
	h := &host{axis: plan.Axis, settings: newSetting(plan), seed: plan.Seed}
	err := quietIPv6()
	if err != nil {
		return nil, err
	}
	if h.bridge, err = newBridge(h.settings); err != nil {
		return nil, err
	}
	if h.asks, err = netlink.NewHandle(unix.NETLINK_ROUTE); err != nil {
		return nil, err
	}
	if h.fleet, err = newFleet(h.bridge); err != nil {
		return nil, err
	}
	h.flood = newFlood(h)
	return h, nil
}

// ops are those of all axes.
func (h *host) ops() map[string]func(int64, *guest.Meter) error {
	return map[string]func(int64, *guest.Meter) error{
		"load": h.load, "fdb-load": h.load, "destroy-all": h.destroyAll, "fdb-flush": h.flushFDB, "stop": h.stop,
		"netns": h.phase(netnsPhase), "veth": h.phase(vethPhase), "enslave": h.phase(enslavePhase), "up": h.phase(upPhase),
		"create": h.create, "destroy": h.destroy, "control": h.control, "rtnl": h.rtnl,
		"promisc": h.promisc, "link": h.link, "mtu": h.mtu, "rings": h.rings, "rebind": h.rebind,
		"netconsole": h.netconsole, "netconsole-card": h.netconsoleCard,
		"fdb-dump": h.dumpFDB, "port-down": h.portDown, "ageing": h.ageing,
		"vlan-add": h.addVLANs, "vlan-delete": h.deleteVLANs,
		"flood": h.burst, "window": h.window,
	}
}

// Do runs one op.
func (h *host) Do(op string, size int64, m *guest.Meter) error {
	run, ok := h.ops()[op]
	if !ok {
		return fmt.Errorf("%w: no op %q", guest.ErrScenario, op)
	}
	h.flood.use(m)
	return run(size, m)
}
