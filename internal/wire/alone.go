package wire

import (
	"fmt"
	"strings"

	"brink/internal/trial"
)

// Alone is on the kernel command line of a guest that nobody talks to: it says on the console what happens (Console), and
// ends the VM itself. That is how a bundle's run.sh runs one with nothing but QEMU.
const Alone = "brink.alone=1"

// ConsolePrefix begins every line that a guest alone writes on its console.
const ConsolePrefix = "brink: "

// SlowArgument multiplies the deadlines of the plan: brink.slow=20 where the machine is so much slower than that of the
// plan.
const SlowArgument = "brink.slow="

// Console returns an event as lines for the console, without the prefix. A script reads them: each begins with a word
// for what it is, and the words after it never move. Events that say nothing of the kernel have no lines.
//
//	hello RELEASE                 the agent is up
//	begin OP SIZE                 a step starts
//	sample OP SIZE COUNT WALL_NS  one timing of it
//	canary NAME NS                the rest of the guest, or
//	canary-failed NAME ERRNO TEXT
//	skip OP SIZE TEXT             not possible with these settings
//	refused OP SIZE ERRNO TEXT    the kernel returned an error
//	at FRAME                      where the task of the next line hangs, innermost first
//	late OP SIZE STATE            past its deadline
//	stuck OP SIZE TEXT            a task or port outlives its owner
//	died SIGNAL OOM_KILLS TEXT    the worker did not finish
//	done                          the plan is finished
func Console(e trial.Event) []string {
	op := trial.Step{Kind: e.Kind, Op: e.Op}.Name()
	step := fmt.Sprintf("%s %d", op, e.Size)
	switch e.Type {
	case trial.EventHello:
		return []string{"hello " + e.Hello.Release}
	case trial.EventBegin:
		return []string{"begin " + step}
	case trial.EventEnd:
		return ended(e, step)
	case trial.EventSkip:
		return []string{"skip " + step + " " + oneLine(e.Text)}
	case trial.EventOpError:
		return append(ended(e, step), fmt.Sprintf("refused %s %s %s", step, errno(e.Err), oneLine(e.Err.Message)))
	case trial.EventDeadline:
		state := "?"
		if e.Task != nil {
			state = e.Task.State
		}
		return append(frames(e.Task), fmt.Sprintf("late %s %s", step, state))
	case trial.EventStuck:
		return append(frames(e.Task), fmt.Sprintf("stuck %s %s", step, oneLine(e.Text)))
	case trial.EventWorker:
		killed := trial.Killed{Signal: "-"}
		if e.Killed != nil {
			killed = *e.Killed
		}
		return []string{fmt.Sprintf("died %s %d %s", killed.Signal, killed.OOMKills, oneLine(e.Text))}
	case trial.EventDone:
		return []string{"done"}
	}
	return nil
}

func ended(e trial.Event, step string) (lines []string) {
	for _, s := range e.Samples {
		lines = append(lines, fmt.Sprintf("sample %s %d %d", step, s.Count, s.WallNS))
	}
	for _, c := range e.Canaries {
		if c.Err != nil {
			lines = append(lines, fmt.Sprintf("canary-failed %s %s %s", c.Name, errno(c.Err), oneLine(c.Err.Message)))
			continue
		}
		lines = append(lines, fmt.Sprintf("canary %s %d", c.Name, c.NS))
	}
	return lines
}

func errno(e *trial.OpError) string {
	if e.Name == "" {
		return "-"
	}
	return e.Name
}

func frames(t *trial.Task) (lines []string) {
	if t == nil {
		return nil
	}
	for frame := range strings.SplitSeq(t.Stack, "\n") {
		if frame = strings.TrimSpace(frame); frame != "" {
			lines = append(lines, "at "+frame)
		}
	}
	return lines
}

// oneLine keeps a text from becoming a second line of the console.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
