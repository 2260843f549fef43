package judge

import (
	"fmt"
	"time"

	"brink/internal/trial"
)

// Twin says of a finding how two VMs fared that saw the same frames.
type Twin struct {
	// Together: in the finding's own trial both VMs failed in this way.
	Together bool  `json:"together"`
	NS       int64 `json:"ns,omitempty"`     // how much later the second VM's failure was seen than the first's, in host time
	Frames   int64 `json:"frames,omitempty"` // how many frames had been offered to both between the two
	// Other is how the VM ended that did not fail in this way; empty where both did.
	Other trial.Kind `json:"other,omitempty"`
	Both  int        `json:"both"` // trials in which both failed in this way
	Of    int        `json:"of"`   // trials in which at least one did
}

// String says it in a line.
func (w Twin) String() string {
	text := "only one of the twins failed, the other one: " + string(w.Other)
	if w.Together {
		text = fmt.Sprintf("both VMs failed together, %s and %s apart",
			Duration(time.Duration(max(w.NS, -w.NS))), count(max(w.Frames, -w.Frames), "frame"))
	}
	return fmt.Sprintf("%s; together in %d of %s", text, w.Both, count(int64(w.Of), "trial"))
}

// count is a number of things in words.
func count(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return Count(n) + " " + thing + "s"
}

func (t *Table) twin(e trial.Event) {
	if t.twins == nil {
		t.twins = map[int]trial.Twin{}
	}
	t.twins[e.Trial] = *e.Twin
}

// twinFindings are what only the second VM of a trial showed: its events are in no table.
func (t *Table) twinFindings() (found []Finding) {
	for _, e := range t.Ends {
		twin, ok := t.twins[e.Trial]
		if o := twin.Outcome; ok && !twin.Together && o.Kind != trial.Completed && o.Kind != trial.Harness {
			f := Finding{What: whatOf(o), Op: o.Op, Kind: o.Kind, Broken: o.Size, Trial: e.Trial, Text: during(o.Text, o.Op) + " (in the second VM)"}
			if o.Failure != nil {
				f.Signature, f.Function = o.Failure.Signature, o.Failure.Function
			}
			found = append(found, f)
		}
	}
	return found
}

// whatOf is what a finding of an outcome is called.
func whatOf(o trial.Outcome) string {
	switch {
	case o.Op != "" && (o.Kind == trial.OpRefused || o.Kind == trial.Deadline):
		return o.Op
	case o.Failure != nil:
		return o.Failure.Signature
	}
	return string(o.Kind)
}

// paired adds to each finding how both VMs of its trials fared. Findings that no outcome tells of, as an op above its budget,
// are the first VM's alone.
func (t *Table) paired(found []Finding) []Finding {
	for i := range found {
		f := &found[i]
		var w Twin
		for _, e := range t.Ends {
			if twin, ok := t.twins[e.Trial]; ok {
				w.add(*f, e.Trial, e.Outcome, twin)
			}
		}
		for _, p := range t.Probes {
			if p.Twin != nil {
				w.add(*f, p.Trial, p.Outcome, *p.Twin)
			}
		}
		if w.Of > 0 {
			f.Twin = &w
		}
	}
	return found
}

// add counts a trial.
func (w *Twin) add(f Finding, number int, first trial.Outcome, twin trial.Twin) {
	shows := func(o trial.Outcome) bool { return o.Kind == f.Kind && whatOf(o) == f.What }
	one, other := shows(first), shows(twin.Outcome)
	if !one && !other {
		return
	}
	w.Of++
	both := one && other && twin.Together
	if both {
		w.Both++
	}
	if number != f.Trial {
		return
	}
	switch w.Together = both; {
	case both:
		w.NS, w.Frames = twin.NS, twin.Frames
	case one:
		w.Other = twin.Outcome.Kind
	default:
		w.Other = first.Kind
	}
}
