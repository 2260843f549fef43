//go:build linux

package traffic

// The signals that are recorded once a second of the guest's time while a flood runs. Rates are by the time that really
// passed: in a livelock the sampler starves with everything else, and a second gets long.
const (
	SignalOffered     = "offered"       // /s: frames that the source tried to send
	SignalAccepted    = "accepted"      // /s: frames that the sending card took
	SignalReceived    = "received"      // /s: frames that the port's driver handed to the kernel (rx_packets)
	SignalLost        = "lost"          // /s: frames accepted and not received; what is still under way counts in the next second
	SignalDelivered   = "delivered"     // /s: copies that reached the containers
	SignalProcessed   = "processed"     // /s: frames and copies that went through the receive path (softnet_stat, column 1)
	SignalDrops       = "drops"         // /s: copies that found the CPU's backlog full (softnet_stat, column 2)
	SignalSqueezed    = "squeezed"      // /s: times that the receive softirq ended with work left (softnet_stat, column 3)
	SignalSoftirqs    = "softirqs"      // /s: receive softirqs (NET_RX of /proc/softirqs)
	SignalKsoftirqd   = "ksoftirqd"     // %: CPU time of the ksoftirqd threads, 100 a CPU (/proc/PID/schedstat)
	SignalNICDrops    = "nic-drops"     // /s: frames that the port says it dropped (rx_dropped, rx_missed_errors)
	SignalControl     = "control"       // ns: median latency of a request to the control plane, or how long one waits
	SignalControlIdle = "control-idle"  // ns: the same before the flood began
	SignalHeartbeat   = "heartbeat-gap" // ns: longest time between two beats of a thread that wakes up each millisecond
	SignalUnaccounted = "unaccounted"   // /s: copies that should have been made, and were neither delivered nor dropped
)
