package promisc

import "brink/internal/scenario"

// signals are what the flood records each second of guest time (scenarios/promisc/guest/traffic), and how long it took
// until all containers were gone.
func signals() []scenario.Signal {
	return []scenario.Signal{
		{Name: "offered", Unit: "/s", Title: "frames that the sender tried to send"},
		{Name: "accepted", Unit: "/s", Title: "frames that the sender's card took"},
		{Name: "received", Unit: "/s", Title: "frames that the flooded card received"},
		{Name: "lost", Unit: "/s", Title: "frames that were accepted and not received"},
		{Name: "delivered", Unit: "/s", Title: "frames that reached the containers, over all of them"},
		{Name: "processed", Unit: "/s", Title: "frames that softirqs processed, softnet_stat column 1"},
		{Name: "drops", Unit: "/s", Title: "frames dropped because the backlog was full, softnet_stat column 2"},
		{Name: "squeezed", Unit: "/s", Title: "softirqs that ran out of their time or budget, softnet_stat column 3"},
		{Name: "softirqs", Unit: "/s", Title: "receive softirqs, NET_RX in /proc/softirqs"},
		{Name: "ksoftirqd", Unit: "%", Title: "CPU that ksoftirqd takes"},
		{Name: "nic-drops", Unit: "/s", Title: "frames that the flooded card counts as dropped or missed"},
		{Name: "control", Unit: "ns", Title: "latency of a control-plane request: create and delete a veth pair"},
		{Name: "control-idle", Unit: "ns", Title: "the same before the flood"},
		{Name: "heartbeat-gap", Unit: "ns", Title: "longest gap of a heartbeat of 1 ms"},
		{Name: "unaccounted", Unit: "/s", Title: "copies of frames that neither reached a container nor were counted as dropped"},
		{Name: "gone", Unit: "ns", Title: "time until all containers that are destroyed at once are gone"},
	}
}

// limits are bounds on the signals.
func limits() []scenario.Limit {
	return []scenario.Limit{
		{Name: "livelock", Title: "receive livelock", Signal: "delivered", Form: scenario.Collapse, Bound: 0.5, Of: "offered",
			Axes: []string{PPS}},
		{Name: "livelock-processed", Title: "receive livelock", Signal: "processed", Form: scenario.Collapse, Bound: 0.5, Of: "offered",
			Axes: []string{PPS}},
		{Name: "control-latency", Title: "slow control plane", Signal: "control", Form: scenario.Times, Bound: 3, Of: "control-idle",
			Axes: []string{PPS}}, // on other axes ops of brink's own hold the lock that it waits for
		{Name: "stall", Title: "stalled scheduler", Signal: "heartbeat-gap", Form: scenario.Above, Bound: 1e9},
	}
}
