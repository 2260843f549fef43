package trial

import (
	"encoding/json"
	"fmt"
	"time"
)

// EventType names what an event says.
type EventType string

// The types of events. The agent sends hello to done; the host adds the others.
const (
	EventHello    EventType = "hello"    // the agent is up: Hello
	EventBegin    EventType = "begin"    // a step starts
	EventEnd      EventType = "end"      // it ended: Samples, Canaries, Health
	EventSkip     EventType = "skip"     // the scenario cannot do this op with these settings: Text
	EventOpError  EventType = "op-error" // the kernel refused an op: Err
	EventDeadline EventType = "deadline" // a step ran past its deadline: Task says where it is
	EventProgress EventType = "progress" // heartbeat: Progress
	EventStuck    EventType = "stuck"    // a task or port outlived its owner's end: Task, Text
	EventWorker   EventType = "worker"   // the worker died: Text, Killed
	EventGuest    EventType = "guest"    // a piece of a file the host asked for: Name, Text; an empty Name ends the answer
	EventFault    EventType = "fault"    // the scenario saw the kernel misbehave, as its console would tell of it: Failure
	EventSignals  EventType = "signals"  // about once a second of guest time: Signals
	EventFlood    EventType = "flood"    // the guest asks for frames, or for no more: Flood
	EventFact     EventType = "fact"     // what the guest is like, once: Name, Text
	EventUnfit    EventType = "unfit"    // the settings cannot be done in this guest: Text
	EventDone     EventType = "done"     // the plan is finished

	EventTrial   EventType = "trial"   // host: a trial starts: Plan, Start
	EventKernel  EventType = "kernel"  // host: the console shows a failure: Failure
	EventVerdict EventType = "verdict" // host: how the trial ends is known, evidence is still being saved: Outcome
	EventOutcome EventType = "outcome" // host: the trial is over: Outcome
	EventCapture EventType = "capture" // host: what was saved of a failed guest: Captures
	EventOffered EventType = "offered" // host: a flood that the guest asked for is over: Offered
	EventTwin    EventType = "twin"    // host: how the trial's other VM ended: Twin
)

// Event is one line of a run's record.
type Event struct {
	V       int       `json:"v"`
	Type    EventType `json:"type"`
	Trial   int       `json:"trial"`
	Host    time.Time `json:"host"`               // when the host wrote it
	GuestNS int64     `json:"guest_ns,omitempty"` // guest's CLOCK_MONOTONIC
	Step    int       `json:"step"`               // index into the plan's steps, -1 outside of any
	Kind    StepKind  `json:"kind,omitempty"`
	Size    int64     `json:"size,omitempty"`
	Op      string    `json:"op,omitempty"`
	Untimed bool      `json:"untimed,omitempty"`

	Plan     *Plan     `json:"plan,omitempty"`
	Start    Start     `json:"start,omitempty"`
	Hello    *Hello    `json:"hello,omitempty"`
	Samples  []Sample  `json:"samples,omitempty"`
	Times    int       `json:"times,omitempty"` // how often an op was done that is repeated for a time (Step.For)
	Canaries []Canary  `json:"canaries,omitempty"`
	Health   *Health   `json:"health,omitempty"`
	Err      *OpError  `json:"err,omitempty"`
	Task     *Task     `json:"task,omitempty"`
	Progress *Progress `json:"progress,omitempty"`
	Failure  *Failure  `json:"failure,omitempty"`
	Outcome  *Outcome  `json:"outcome,omitempty"`
	Captures []Capture `json:"captures,omitempty"`
	Killed   *Killed   `json:"killed,omitempty"`
	Signals  Signals   `json:"signals,omitempty"`
	Flood    *Flood    `json:"flood,omitempty"`
	Offered  *Offered  `json:"offered,omitempty"`
	Twin     *Twin     `json:"twin,omitempty"`
	Name     string    `json:"name,omitempty"`
	Text     string    `json:"text,omitempty"`
}

// ParseEvent reads one line of a record.
func ParseEvent(line []byte) (Event, error) {
	var e Event
	if err := json.Unmarshal(line, &e); err != nil {
		return Event{}, fmt.Errorf("parse event: %w", err)
	}
	if e.V > Version {
		return Event{}, fmt.Errorf("event has version %d, this build knows %d: use a newer brink", e.V, Version)
	}
	if e.Type == "" {
		return Event{}, fmt.Errorf("parse event: it has no type")
	}
	if !e.whole() {
		return Event{}, fmt.Errorf("parse event: %s lacks what it is about", e.Type)
	}
	return e, nil
}

// whole reports whether the event carries what its type promises, so that readers need not ask.
func (e Event) whole() bool {
	switch e.Type {
	case EventHello:
		return e.Hello != nil
	case EventOpError:
		return e.Err != nil
	case EventTrial:
		return e.Plan != nil
	case EventKernel, EventFault:
		return e.Failure != nil
	case EventFact:
		return e.Name != ""
	case EventFlood:
		return e.Flood != nil
	case EventOffered:
		return e.Offered != nil
	case EventTwin:
		return e.Twin != nil
	case EventOutcome, EventVerdict:
		return e.Outcome != nil
	case EventStuck:
		return e.Task != nil
	}
	return true
}

// Hello is what the agent says first.
type Hello struct {
	Build   string `json:"build"`   // build id of the agent, must be the host's
	Release string `json:"release"` // uname -r
	Version string `json:"version"` // uname -v
	Cmdline string `json:"cmdline"`
	CPUs    int    `json:"cpus"`
	MemKB   int64  `json:"mem_kb"`
	Clock   string `json:"clocksource"`
	BootNS  int64  `json:"boot_ns"` // CLOCK_MONOTONIC at /init's first instruction
	Parked  bool   `json:"parked,omitempty"`
	// PrintkNS is how far the stamps of the kernel log are ahead of the events' clock; 0 when it is not known.
	PrintkNS int64 `json:"printk_ns,omitempty"`
}

// Progress is a heartbeat of the supervisor: it says how far the worker is and what state it is in.
type Progress struct {
	Done  int64  `json:"done"` // units of the step done so far
	Total int64  `json:"total"`
	State string `json:"state"` // of the worker, from /proc/PID/stat: R S D Z t
	CPUNS int64  `json:"cpu_ns"`
}

// OpError is a kernel's refusal.
type OpError struct {
	Errno   int    `json:"errno,omitempty"` // 0 when the error carries none
	Name    string `json:"name,omitempty"`  // ENOMEM
	Message string `json:"message"`
}

// Killed says what killed the worker, as far as the guest can tell.
type Killed struct {
	Signal   string `json:"signal"`    // SIGKILL
	OOMKills int64  `json:"oom_kills"` // oom_kill of /proc/vmstat since the worker started
}

// Capture is one piece of evidence saved of a failed guest, or why it could not be had.
type Capture struct {
	What   string `json:"what"`           // registers, meminfo, task stacks …
	File   string `json:"file,omitempty"` // in the trial's folder
	Bytes  int64  `json:"bytes,omitempty"`
	Err    string `json:"err,omitempty"`
	TookMS int64  `json:"took_ms"` // host time
}

// Task is where a task hangs, from /proc/PID/{stat,wchan,stack}.
type Task struct {
	PID   int    `json:"pid"`
	Comm  string `json:"comm,omitempty"`
	State string `json:"state"`
	Wchan string `json:"wchan,omitempty"`
	Stack string `json:"stack,omitempty"`
}
