package trial

import "time"

// Detectors says after how much guest time each watcher of a guest speaks. The order is what gives one cause one name:
// a spinning CPU stalls RCU before it counts as locked up, a blocked task is the kernel's to report before it is ours,
// and an op's own deadline comes last (scenario.MinDeadline). A later watcher that sees the same hang is secondary.
type Detectors struct {
	RCUStall   time.Duration `json:"rcu_stall_ns"`   // rcupdate.rcu_cpu_stall_timeout, Documentation/RCU/stallwarn.rst
	SoftLockup time.Duration `json:"soft_lockup_ns"` // twice watchdog_thresh, Documentation/admin-guide/lockup-watchdogs.rst
	HungTask   time.Duration `json:"hung_task_ns"`   // kernel.hung_task_timeout_secs, Documentation/admin-guide/sysctl/kernel.rst
	StuckTask  time.Duration `json:"stuck_task_ns"`  // the agent's own: a zombie, a dead owner's port
}

// HungTaskCheck is how often the kernel looks for hung tasks (kernel.hung_task_check_interval_secs): a hung task is
// reported at most so much later than its threshold.
const HungTaskCheck = 2 * time.Second

// maxSoftLockup is what watchdog_thresh allows: at most a minute, half of it (kernel/watchdog.c).
const maxSoftLockup = 2 * time.Minute

// Detectors returns the thresholds that fit the machine. They are a sixth to a half of the kernel's defaults (21, 20 and 120 s). A
// guest in emulated real time shares a host that may be busy with something else: twice. Guests that share the CPUs of a host wait for
// each other, and a virtual CPU that waits looks to its kernel as one that does not come back: as many times as there are.
func (m Machine) Detectors() Detectors {
	f := time.Second
	if m.Accel == "tcg" && m.Clock == ClockWall {
		f = 2 * time.Second
	}
	if m.Clock == ClockWall {
		f = min(f*time.Duration(max(1, m.Crowd)), maxSoftLockup/10)
	}
	return Detectors{RCUStall: 5 * f, SoftLockup: 10 * f, HungTask: 20 * f, StuckTask: 25 * f}
}
