package promisc

import (
	"slices"
	"time"

	"brink/internal/scenario"
)

const (
	ms, us   = time.Millisecond, time.Microsecond
	deadline = 2 * time.Minute
)

// ops are those of all axes. Most change one container, or the network card, and put it back. Budgets are above what
// kernels 5.10 to 7.2 take on an idle guest (README.md), so that a sample above one is news.
func ops() []scenario.Op {
	return slices.Concat(containerOps(), cardOps(), macOps(), vlanOps(), floodOps(), endOps())
}

// one is an op on one thing at the full size.
func one(name, title string, reps int, growth scenario.Growth, budget time.Duration, axes ...string) scenario.Op {
	return scenario.Op{Name: name, Title: title, Axes: axes, From: scenario.Full, To: scenario.Full, Reps: reps, Growth: growth,
		Budget: scenario.Budget{Base: budget}, Deadline: deadline}
}

// containerOps create one container, in its phases and whole.
func containerOps() []scenario.Op {
	return []scenario.Op{
		one("netns", "create a network namespace", 8, scenario.Constant, 100*ms, Containers),
		one("veth", "create a veth pair, one end in the namespace", 8, scenario.Constant, 50*ms, Containers),
		one("enslave", "make the other end a port of the bridge", 16, scenario.Linear, 50*ms, Containers),
		one("up", "bring both ends up", 8, scenario.Constant, 50*ms, Containers),
		one("create", "create a container, all phases", 8, scenario.Linear, 500*ms, Containers, PPS),
		one("destroy", "destroy one container, until its port is gone", 4, scenario.Linear, time.Second, Containers, PPS),
		one("control", "a control-plane request: create and delete a veth pair", 8, scenario.Constant, 500*ms, Containers, PPS),
		one("rtnl", "a control-plane request: one that takes the RTNL lock and changes nothing", 32, scenario.Constant, 100*ms,
			Containers, PPS),
	}
}

// cardOps act on the network card, which is a port of the bridge.
func cardOps() []scenario.Op {
	return []scenario.Op{
		one("promisc", "take the card out of the bridge and back in: promiscuous off and on", 8, scenario.Linear, 500*ms, Containers),
		one("link", "card down and up, until the bridge forwards its frames", 8, scenario.Linear, 10*time.Second, Containers),
		one("mtu", "change the card's MTU, and back", 8, scenario.Linear, 10*time.Second, Containers),
		one("rings", "change the card's ring sizes, and back", 4, scenario.Constant, 10*time.Second, Containers),
		one("rebind", "unbind the card's driver, bind it, back into the bridge", 3, scenario.Linear, 20*time.Second, Containers),
		{Name: "netconsole", Title: "netconsole over the bridge on, a line through it, off", Axes: []string{Containers},
			From: scenario.Full, To: scenario.Full, Reps: 2, Growth: scenario.Linear,
			Budget: scenario.Budget{Base: 500 * ms, PerUnit: 100 * ms}, Deadline: deadline},
		one("netconsole-card", "the same over the card alone, outside of the bridge", 4, scenario.Constant, time.Second, Containers),
	}
}

func macOps() []scenario.Op {
	return []scenario.Op{
		{Name: "fdb-dump", Title: "read the FDB", Axes: []string{MACs, VLANs}, From: scenario.Full, To: scenario.Full, Reps: 2,
			Growth: scenario.Linear, Budget: scenario.Budget{Base: 2 * time.Second, PerUnit: 50 * us}, Deadline: deadline},
		{Name: "port-down", Title: "the port with all the addresses goes down; loaded again afterwards", Axes: []string{MACs},
			From: scenario.Full, To: scenario.Full, Reps: 1, Growth: scenario.Linear,
			Budget: scenario.Budget{Base: 100 * ms, PerUnit: 10 * us}, Deadline: deadline},
		{Name: "ageing", Title: "all addresses expire, until the last one is gone; loaded again afterwards", Axes: []string{MACs},
			From: scenario.Full, To: scenario.Full, Reps: 1, Growth: scenario.Linear,
			Budget: scenario.Budget{Base: 100 * ms, PerUnit: 50 * us}, Deadline: deadline},
	}
}

func vlanOps() []scenario.Op {
	return []scenario.Op{
		{Name: "vlan-add", Title: "give the ports all VLANs, as one range a port", Axes: []string{VLANs}, From: scenario.Empty,
			To: scenario.Full, Reps: 1, Growth: scenario.Linear, Budget: scenario.Budget{Base: 100 * ms, PerUnit: ms}, Deadline: deadline},
		{Name: "vlan-delete", Title: "take the range from the ports", Axes: []string{VLANs}, From: scenario.Full, To: scenario.Empty,
			Reps: 1, Growth: scenario.Linear, Budget: scenario.Budget{Base: 100 * ms, PerUnit: ms}, Deadline: deadline},
	}
}

func floodOps() []scenario.Op {
	flood := one("flood", "one frame that belongs to nobody: received, and copied to every container", 1, scenario.Linear, 10*ms,
		Containers, MACs, VLANs)
	return []scenario.Op{
		flood,
		one("window", "two seconds of the flood; longer where the guest cannot keep time", 1, scenario.Constant, 4*time.Second, PPS),
	}
}

// endOps lead to the size and away from it.
func endOps() []scenario.Op {
	return []scenario.Op{
		{Name: "destroy-all", Title: "all containers are destroyed at once: the longest that another netlink request waits",
			Axes: []string{Containers}, From: scenario.Full, To: scenario.Empty, Reps: 1, Growth: scenario.Linear,
			Budget: scenario.Budget{Base: 500 * ms, PerUnit: 20 * ms}, Deadline: 10 * time.Minute},
		{Name: "fdb-flush", Title: "flush the FDB", Axes: []string{MACs}, From: scenario.Full, To: scenario.Empty, Reps: 1,
			Growth: scenario.Linear, Budget: scenario.Budget{Base: 50 * ms, PerUnit: 10 * us}, Deadline: deadline},
		{Name: "stop", Title: "end the flood, until every frame is accounted for", Axes: []string{PPS}, From: scenario.Full,
			To: scenario.Empty, Reps: 1, Growth: scenario.Linear, Budget: scenario.Budget{Base: 30 * time.Second}, Deadline: deadline},
		{Name: "load", Title: "from nothing to the size: all containers, or the flood at this rate",
			Axes: []string{Containers, PPS}, From: scenario.Empty, To: scenario.Full, Reps: 1, Growth: scenario.Linear,
			Budget: scenario.Budget{Base: 500 * ms, PerUnit: 20 * ms}, Deadline: 30 * time.Minute},
		{Name: "fdb-load", Title: "add all addresses to an empty FDB", Axes: []string{MACs}, From: scenario.Empty, To: scenario.Full,
			Reps: 1, Growth: scenario.Linear, Budget: scenario.Budget{Base: 50 * ms, PerUnit: 50 * us}, Deadline: 30 * time.Minute},
	}
}
