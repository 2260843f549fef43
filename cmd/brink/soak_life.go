package main

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"brink/internal/scenario"
	"brink/internal/soak"
	"brink/internal/store"
	"brink/internal/trial"
)

// soakLifetime follows one VM by its events: how long it has worked, and whether it has failed.
type soakLifetime struct {
	load string // the op that the VM time begins with
	told soak.Told
	stop func() // ends the VM
	// after is how long a VM goes on, in host time, after a failure that leaves it running: something worse may follow.
	after time.Duration

	mu      sync.Mutex
	loaded  bool
	begun   int64 // guest time of the load, ns
	heard   int64 // of the last that the agent said, or the kernel when it failed
	ahead   int64 // of the kernel log's stamps to the events' clock
	over    bool  // it has failed, or ended
	refused string
	outcome *trial.Outcome // the failure
	done    map[string]int64
	facts   map[string]string
	events  []trial.Event
	passing int // events that only say what it did last
	timer   *time.Timer
}

// loadOp is the op that a VM is loaded with.
func loadOp(spec scenario.Spec) string {
	i := slices.IndexFunc(spec.Ops, func(o scenario.Op) bool { return o.From == scenario.Empty && o.To == scenario.Full })
	if i < 0 {
		return ""
	}
	return spec.Ops[i].Name
}

// take follows one event (the record of a trial). What it tells the fleet it tells without its lock: the fleet asks back.
func (l *soakLifetime) take(e trial.Event) error {
	passed, failure := l.follow(e)
	if passed >= 0 {
		l.told.Passed(passed)
	}
	if failure != nil {
		l.told.Failed(*failure)
	}
	return nil
}

// follow takes an event in. It returns the VM time, -1 for none, and how the VM fails once that is known.
func (l *soakLifetime) follow(e trial.Event) (passed time.Duration, failure *soak.Failure) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.note(e)
	if !l.over && e.GuestNS > l.heard {
		l.heard = e.GuestNS
	}
	switch e.Type {
	case trial.EventHello:
		l.ahead = e.Hello.PrintkNS
	case trial.EventBegin:
		if e.Op == l.load && !l.loaded {
			l.loaded, l.begun = true, e.GuestNS
		}
	case trial.EventEnd:
		if failure := l.ended(e); failure != nil {
			return l.passed(), failure
		}
	case trial.EventFact:
		if l.facts == nil {
			l.facts = map[string]string{}
		}
		l.facts[e.Name] = e.Text
	case trial.EventOpError:
		l.refused = e.Err.Name
	case trial.EventKernel:
		l.stamp(*e.Failure)
		if f := *e.Failure; !f.Expected && !f.Secondary && !f.Kind.Kills() && f.Kind != trial.Harness {
			if failure := l.failed(f, e); failure != nil {
				return l.passed(), failure
			}
			return -1, nil
		}
	case trial.EventVerdict:
		l.over = true
		if e.Outcome.Kind != trial.Completed && e.Outcome.Kind != trial.Harness {
			l.outcome = e.Outcome
			return l.passed(), l.failureOf(*e.Outcome)
		}
	}
	if l.over {
		return -1, nil
	}
	return l.passed(), nil
}

// passed is the VM time by now, -1 before the load.
func (l *soakLifetime) passed() time.Duration {
	if !l.loaded {
		return -1
	}
	return time.Duration(l.heard - l.begun)
}

// stamp takes the time at which the kernel told of a failure from its log: the agent has been silent since its step began.
func (l *soakLifetime) stamp(f trial.Failure) {
	at, ok := stampOf(f.Text)
	if !ok || l.ahead == 0 || f.Expected || l.over || !slices.Contains(soakStamped, f.Kind) {
		return
	}
	if at -= l.ahead; at > l.heard && at < l.heard+int64(soakStale) {
		l.heard = at
	}
}

// soakStamped are the failures that the kernel tells of when they happen. A hang is told of long after.
var soakStamped = []trial.Kind{trial.Panic, trial.Oops, trial.Warning, trial.OOM, trial.KernelError}

// soakStale is the longest silence before a failure that is believed; the agent sends something every few seconds.
const soakStale = 10 * time.Minute

var stampedLine = regexp.MustCompile(`^\[ *(\d{1,9})\.(\d{6})\]`)

// stampOf reads the stamp of a kernel report's first line, in ns since boot.
func stampOf(text string) (int64, bool) {
	m := stampedLine.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	us, err := strconv.ParseInt(m[1]+m[2], 10, 64)
	return us * 1000, err == nil
}

// ended takes in a step that was done; what failed is a canary.
func (l *soakLifetime) ended(e trial.Event) *soak.Failure {
	if e.Kind == trial.StepOp {
		l.count(e)
	}
	for _, c := range e.Canaries {
		if c.Err != nil {
			return l.failed(trial.Failure{Kind: trial.OpRefused, Title: "canary " + c.Name + ": " + c.Err.Message,
				Signature: "op-error:canary-" + c.Name + ":" + c.Err.Name}, e)
		}
	}
	return nil
}

// count adds up how often an op was done.
func (l *soakLifetime) count(e trial.Event) {
	if l.done == nil {
		l.done = map[string]int64{}
	}
	l.done[e.Op] += int64(max(1, e.Times))
}

// failed notes the first failure that the guest goes on after, and ends the VM a little later. It returns nil for another one.
func (l *soakLifetime) failed(f trial.Failure, e trial.Event) *soak.Failure {
	if l.over {
		return nil
	}
	l.over = true
	l.outcome = &trial.Outcome{Kind: f.Kind, Size: e.Size, Op: e.Op, Failure: &f, Text: f.Title}
	l.timer = time.AfterFunc(l.after, l.stop)
	return l.failureOf(*l.outcome)
}

// close says that nothing more comes.
func (l *soakLifetime) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	if l.timer != nil {
		l.timer.Stop()
	}
}

// time is the VM time by now.
func (l *soakLifetime) time() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(0, l.passed())
}

// end settles how the VM ended, nil for nothing that went wrong. The outcome says nothing where the trial was cut off; what was
// seen by then counts.
func (l *soakLifetime) end(outcome trial.Outcome, cut bool) *soak.Failure {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !cut && outcome.Kind != trial.Completed {
		l.outcome = &outcome
	}
	if l.outcome == nil {
		return nil
	}
	return l.failureOf(*l.outcome)
}

// failureOf names an outcome as it is named in all other VMs.
func (l *soakLifetime) failureOf(o trial.Outcome) *soak.Failure {
	f := soak.Failure{Title: oneLine(o.Text)}
	if o.Failure != nil {
		f.Signature, f.Function = oneLine(o.Failure.Signature), oneLine(o.Failure.Function)
	}
	if f.Signature == "" {
		f.Signature = string(o.Kind)
		if o.Op != "" {
			f.Signature += ":" + o.Op
		}
		if o.Kind == trial.OpRefused && l.refused != "" {
			f.Signature += ":" + l.refused
		}
	}
	return &f
}

// line is what the record wants to know of the VM beside how it ended.
func (l *soakLifetime) line(r soak.Result) store.SoakLine {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := store.SoakLine{Result: r, Done: maps.Clone(l.done), Facts: maps.Clone(l.facts)}
	if r.Failure != nil {
		out.Outcome = l.outcome
	}
	return out
}

// lastEvents is how many events that only say what a VM did are kept of it, beside all that say what went wrong.
const lastEvents = 64

// note keeps an event for the trial's folder.
func (l *soakLifetime) note(e trial.Event) {
	e.V, e.Host = trial.Version, time.Now().UTC()
	l.events = append(l.events, e)
	if passes(e) {
		l.passing++
	}
	if l.passing <= lastEvents {
		return
	}
	i := slices.IndexFunc(l.events, passes)
	l.events = slices.Delete(l.events, i, i+1)
	l.passing--
}

// passes reports whether an event says only what a VM did.
func passes(e trial.Event) bool {
	switch e.Type {
	case trial.EventBegin, trial.EventEnd, trial.EventSkip, trial.EventProgress, trial.EventSignals, trial.EventFlood, trial.EventOffered:
		return true
	}
	return e.Type == trial.EventKernel && e.Failure.Expected
}

// save writes the events into the trial's folder.
func (l *soakLifetime) save(dir string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var text []byte
	for _, e := range l.events {
		line, err := json.Marshal(e)
		if err != nil {
			return err
		}
		text = append(append(text, line...), '\n')
	}
	return store.WriteFile(filepath.Join(dir, "events.jsonl"), text)
}
