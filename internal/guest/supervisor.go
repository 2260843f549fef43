//go:build linux

package guest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/trial"
	"brink/internal/wire"
)

// planCopy is where the supervisor leaves the plan for the worker.
const planCopy = "/run/plan.json"

// startTime is how long the worker may take to its first step, in guest time.
const startTime = 10 * time.Minute

// tick is how often the supervisor looks at the worker, in guest time.
const tick = time.Second

// supervisor is pid 1.
type supervisor struct {
	port     *os.File
	in       *wire.Reader // of the port
	plan     trial.Plan
	bootNS   int64
	page     *page
	worker   *exec.Cmd
	oomKills int64 // before the worker started
	alone    bool  // nobody listens
	stuck    stuckTasks
}

// Init is the life of pid 1: boot, hello, worker, done. It does not return: exiting would be a kernel panic ("Attempted
// to kill init"). The host ends the VM, after it has asked for what it wants to know.
func Init(bootNS int64) {
	s := &supervisor{bootNS: bootNS}
	err := s.run()
	if err == nil && s.alone {
		end()
	}
	for err == nil {
		sleep(time.Hour)
	}
	fmt.Fprintln(os.Stderr, "brink-agent: fatal:", err)
	if s.port != nil {
		s.send(trial.Event{Type: trial.EventWorker, Step: -1, Text: err.Error()})
	}
	for {
		unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
		sleep(time.Second)
	}
}

func (s *supervisor) run() error {
	if err := EnsureGuest(); err != nil {
		return err
	}
	if err := loadModules(bootModules); err != nil {
		return err
	}
	s.alone = alone()
	var err error
	if s.port, err = openPort(); err != nil {
		return err
	}
	s.in = wire.NewReader(s.port)
	if err := s.receivePlan(); err != nil {
		return err
	}
	warmThreads(8)
	if err := loadModules(scenarioModules); err != nil {
		return err
	}
	if err := prepareSystem(); err != nil {
		return err
	}
	return s.supervise()
}

// receivePlan takes the plan from the initramfs, or parks until the host sends one.
func (s *supervisor) receivePlan() error {
	text, err := os.ReadFile(wire.PlanPath)
	if errors.Is(err, os.ErrNotExist) {
		return s.park()
	} else if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &s.plan); err != nil {
		return fmt.Errorf("read plan: %w", err)
	}
	if err := s.plan.Check(); err != nil {
		return err
	}
	for i := range s.plan.Steps {
		s.plan.Steps[i].Deadline *= slowdown()
	}
	return s.hello(false)
}

// park says hello without a plan and waits. A snapshot is taken here; what comes after runs in each clone.
func (s *supervisor) park() error {
	if err := s.hello(true); err != nil {
		return err
	}
	var err error
	if s.plan, err = s.in.Plan(); err != nil {
		return fmt.Errorf("receive plan: %w", err)
	}
	if err := reseed(s.plan); err != nil {
		return err
	}
	return s.hello(false)
}

// reseed gives a clone its own random numbers: all clones of a snapshot would otherwise draw the same (random(4)).
func reseed(plan trial.Plan) error {
	f, err := os.OpenFile("/dev/urandom", os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := fmt.Fprintf(f, "%s/%d/%d", plan.Run, plan.Trial, plan.Seed); err != nil {
		return fmt.Errorf("reseed: %w", err)
	}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), unix.RNDRESEEDCRNG, 0)
	if errno != 0 && errno != unix.ENODATA {
		return fmt.Errorf("reseed: %w", errno)
	}
	return nil
}

func (s *supervisor) hello(parked bool) error {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return err
	}
	cmdline, _ := os.ReadFile("/proc/cmdline")
	clock, _ := os.ReadFile("/sys/devices/system/clocksource/clocksource0/current_clocksource")
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return err
	}
	return s.send(trial.Event{Type: trial.EventHello, Step: -1, Hello: &trial.Hello{
		Build: wire.Build, Release: unix.ByteSliceToString(name.Release[:]),
		Version: unix.ByteSliceToString(name.Version[:]), Cmdline: strings.TrimSpace(string(cmdline)),
		CPUs: runtime.NumCPU(), MemKB: int64(info.Totalram) * int64(info.Unit) / 1024,
		Clock: strings.TrimSpace(string(clock)), BootNS: s.bootNS, Parked: parked, PrintkNS: printkOffset(),
	}})
}

// supervise starts the worker and watches it until it ends or is late.
func (s *supervisor) supervise() error {
	exited, err := s.startWorker()
	if err != nil {
		return err
	}
	go s.answer()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	last := now()
	for {
		select {
		case err := <-exited:
			return s.workerEnded(err)
		case <-ticker.C:
			reapOrphans(s.worker.Process.Pid)
			if d := s.page.deadline.Load(); d != 0 && now() > d {
				return s.late()
			}
			if now()-last >= int64(s.plan.Heartbeat) {
				last = now()
				if err := s.heartbeat(); err != nil {
					return err
				}
				if err := s.reportStuck(); err != nil {
					return err
				}
			}
		}
	}
}

func (s *supervisor) startWorker() (<-chan error, error) {
	text, err := json.Marshal(s.plan)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(planCopy, text, 0o600); err != nil {
		return nil, err
	}
	p, file, err := newPage()
	if err != nil {
		return nil, err
	}
	s.page = p
	s.page.step.Store(-1)
	s.page.deadline.Store(now() + int64(startTime))
	s.worker = exec.Command("/init", WorkerArg, planCopy)
	s.worker.Stdout, s.worker.Stderr = os.Stdout, os.Stderr
	s.worker.ExtraFiles = []*os.File{s.port, file}
	if err := s.worker.Start(); err != nil {
		return nil, fmt.Errorf("start worker: %w", err)
	}
	// pid 1 must outlive the worker when memory runs out (proc(5), oom_score_adj); the worker has the default.
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("-1000"), 0)
	s.oomKills = oomKills()
	s.stuck = stuckTasks{limit: s.plan.Detectors.StuckTask}
	exited := make(chan error, 1)
	go func() { exited <- s.worker.Wait() }()
	return exited, nil
}

// workerEnded reports a worker that did not finish; one that did has said done itself.
func (s *supervisor) workerEnded(err error) error {
	if err == nil {
		return nil
	}
	e := trial.Event{Type: trial.EventWorker, Text: err.Error()}
	if status, ok := s.worker.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		e.Killed = &trial.Killed{Signal: unix.SignalName(status.Signal()), OOMKills: oomKills() - s.oomKills}
		e.Text = "worker killed by " + e.Killed.Signal
	}
	return s.send(s.at(e))
}

// reportStuck says so when one of our processes, not the worker itself, neither runs nor ends.
func (s *supervisor) reportStuck() error {
	task, text := s.stuck.look(now(), descendants(1), s.worker.Process.Pid)
	if task == nil {
		return nil
	}
	return s.send(s.at(trial.Event{Type: trial.EventStuck, Task: task, Text: text}))
}

// late reports a step past its deadline, and where the worker hangs.
func (s *supervisor) late() error {
	task := readTask(s.worker.Process.Pid)
	return s.send(s.at(trial.Event{Type: trial.EventDeadline, Task: &task, Progress: s.progress(task.State)}))
}

func (s *supervisor) heartbeat() error {
	state := readTask(s.worker.Process.Pid).State
	return s.send(s.at(trial.Event{Type: trial.EventProgress, Progress: s.progress(state)}))
}

func (s *supervisor) progress(state string) *trial.Progress {
	return &trial.Progress{Done: s.page.done.Load(), Total: s.page.total.Load(), State: state,
		CPUNS: clock(processClock(s.worker.Process.Pid))}
}

// processClock is the CPU clock of another process: MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED) of
// include/linux/posix-timers.h.
func processClock(pid int) int32 { return int32(^pid)<<3 | 2 }

// at fills in which step the worker is in.
func (s *supervisor) at(e trial.Event) trial.Event {
	e.Step = int(s.page.step.Load())
	if e.Step >= 0 && e.Step < len(s.plan.Steps) {
		step := s.plan.Steps[e.Step]
		e.Kind, e.Size, e.Op, e.Untimed = step.Kind, step.Size, step.Op, step.Untimed
	}
	return e
}

func (s *supervisor) send(e trial.Event) error {
	e.V, e.Trial, e.GuestNS = trial.Version, s.plan.Trial, now()
	if s.alone {
		say(e)
	}
	return wire.Write(s.port, e)
}
