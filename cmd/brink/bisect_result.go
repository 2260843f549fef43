package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"brink/internal/bisect"
	"brink/internal/judge"
	"brink/internal/question"
	"brink/internal/scenario"
	"brink/internal/store"
)

// result is what a bisection says, for a person and for programs.
type result struct {
	V           int                   `json:"v"`
	ID          string                `json:"id,omitempty"`
	Folder      string                `json:"folder,omitempty"`
	Scenario    string                `json:"scenario,omitempty"`
	Seeded      bool                  `json:"seeded,omitempty"`
	Clock       string                `json:"clock,omitempty"`
	Question    string                `json:"question,omitempty"`
	Asks        string                `json:"asks,omitempty"`
	Differences []question.Difference `json:"differences,omitempty"`
	Summary     string                `json:"summary"`
	question.Conclusion
	Boots int      `json:"boots"` // VMs, those of the ends' ladders and those without an answer included
	Rows  []row    `json:"candidates"`
	Apart []apart  `json:"apart,omitempty"` // unrelated failures, and why candidates were skipped
	Next  []string `json:"next,omitempty"`

	op, shows, passes string // of the table's head
	untried           int
}

// row is a candidate that was tried, or is named in the result.
type row struct {
	ID      string `json:"id"`
	Subject string `json:"subject,omitempty"`
	Date    string `json:"date,omitempty"`
	question.Tally
	Mark string `json:"mark,omitempty"`
}

// apart is something that was no answer.
type apart struct {
	ID     string        `json:"id"`
	Answer bisect.Answer `json:"answer"` // skip or other
	Text   string        `json:"text"`
	Runs   int           `json:"runs"` // 0: it was not even booted
}

// result reads the record.
func (b *bisection) result() result {
	st := b.state()
	r := result{V: b.head.V, ID: b.head.ID, Folder: b.folder.Dir, Scenario: b.head.Scenario, Seeded: b.head.Seeded,
		Clock: b.head.Machine.Accel + " " + string(b.head.Machine.Clock), Differences: st.Differences}
	if st.Question == nil {
		r.Verdict = bisect.EndsGood
		r.Summary = fmt.Sprintf("the ends do not differ up to %s %s: no finding is one's alone, "+
			"no threshold lies elsewhere, and no op costs more beyond doubt", judge.Count(b.head.Sizes[len(b.head.Sizes)-1]), b.head.Axis)
		return r
	}
	head := st.Head
	runs, tallies := st.Runs(b.spec)
	axis, _ := b.spec.Axis(b.head.Axis)
	r.asked(*st.Question, axis)
	r.Boots = len(st.Trials)
	if st.Question.Open() {
		r.unsettled(head, *st.Question, tallies)
		r.Next = nextSteps(head, b.spec, *st.Question, r.Conclusion)
		return r
	}
	if err := r.fill(head, *st.Question, runs, tallies); err != nil {
		r.Verdict, r.Summary = bisect.Unusable, err.Error()
		return r
	}
	r.Next = nextSteps(head, b.spec, *st.Question, r.Conclusion)
	return r
}

// unsettled concludes where the costs of the ends do not lie apart as a factor asks, though perhaps the other way round.
func (r *result) unsettled(h question.Head, q question.Question, tallies []question.Tally) {
	older, newer := tallies[0], tallies[len(tallies)-1]
	took := fmt.Sprintf("%s takes %s on the older end %s, %s on the newer end %s", q.What, durations(older.Values()),
		h.Candidates[older.Candidate].ID, durations(newer.Values()), h.Candidates[newer.Candidate].ID)
	r.Verdict, r.Summary = bisect.EndsGood, "the ends do not differ as asked: "+took
	if _, err := q.Settle(older.Values(), newer.Values()); errors.Is(err, question.ErrTurned) {
		r.Verdict, r.Summary = bisect.Swapped, "the ends are not what they were said to be: "+took+"; "+turned(h, q)
	}
	r.rows(h, tallies)
}

func (r *result) asked(q question.Question, axis scenario.Axis) {
	r.Question, r.Asks = q.String(), q.Ask(axis)
	r.shows, r.passes = "bad", "good"
	if q.Fixed {
		r.shows, r.passes = "not fixed", "fixed"
	}
	if q.Kind == question.Cost {
		r.op = q.What
	}
}

// fill concludes from the answers.
func (r *result) fill(h question.Head, q question.Question, runs []bisect.Observation, tallies []question.Tally) error {
	search, err := h.Search(q)
	if err != nil {
		return err
	}
	_, _, r.Conclusion = search.Next(runs, 1)
	if newer := tallies[len(tallies)-1]; neverTried(newer) { // whatever is asked, the answer would hang in the air
		r.Conclusion = question.Conclusion{Verdict: bisect.NotReproduced, Runs: r.Runs}
	}
	for _, o := range runs {
		if o.Answer != bisect.Skip && o.Answer != bisect.Other {
			continue
		}
		r.setApart(h.Candidates[o.Candidate].ID, o, tallies[o.Candidate].Unusable)
	}
	r.Summary = summaryOf(h, q, r.Conclusion, tallies)
	r.rows(h, tallies)
	return nil
}

// neverTried reports whether a candidate cannot be tried, and never could.
func neverTried(t question.Tally) bool { return t.Unusable && t.Bad+t.Good == 0 }

// setApart counts what was no answer. What is unusable was found so without a VM.
func (r *result) setApart(id string, o bisect.Observation, unusable bool) {
	for i := range r.Apart {
		if a := &r.Apart[i]; a.ID == id && a.Answer == o.Answer && a.Text == o.Text {
			if !unusable {
				a.Runs++
			}
			return
		}
	}
	a := apart{id, o.Answer, o.Text, 1}
	if unusable {
		a.Runs = 0
	}
	r.Apart = append(r.Apart, a)
}

// rows lists what was tried.
func (r *result) rows(h question.Head, tallies []question.Tally) {
	for i, c := range h.Candidates {
		t := tallies[i]
		named := row{ID: c.ID, Subject: c.Subject, Date: c.Date, Tally: t, Mark: r.mark(i)}
		if t.Runs() == 0 && !t.Unusable && len(t.Values()) == 0 && named.Mark == "" {
			r.untried++
			continue
		}
		r.Rows = append(r.Rows, named)
	}
}

func (r *result) mark(i int) string {
	if r.Verdict != bisect.Found && r.Verdict != bisect.Range {
		return ""
	}
	for _, f := range r.First {
		if f == i && len(r.First) == 1 {
			return "first " + map[string]string{"bad": "bad", "not fixed": "fixed"}[r.shows]
		} else if f == i {
			return "one of these"
		}
	}
	for _, l := range r.Last {
		if l == i {
			return "last " + map[string]string{"bad": "good", "not fixed": "not fixed"}[r.shows]
		}
	}
	return ""
}

// names lists candidates by their IDs.
func names(h question.Head, of []int) string {
	var all []string
	for _, i := range of {
		all = append(all, h.Candidates[i].ID)
	}
	return strings.Join(all, ", ")
}

// shown is "3 of 4 runs, 1 skipped" of a candidate.
func shown(h question.Head, t question.Tally) string {
	text := fmt.Sprintf("%s: %d of %d", h.Candidates[t.Candidate].ID, t.Bad, t.Bad+t.Good)
	if t.Unusable {
		return h.Candidates[t.Candidate].ID + ": " + t.Why
	}
	if t.Skip+t.Other > 0 {
		text += fmt.Sprintf(", %d without an answer (%s)", t.Skip+t.Other, reason(t.Why))
	}
	return text
}

// summaryOf is the conclusion in one line.
func summaryOf(h question.Head, q question.Question, c question.Conclusion, tallies []question.Tally) string {
	first, last := "first bad", "last good"
	if q.Fixed {
		first, last = "first fixed", "last not fixed"
	}
	ends := fmt.Sprintf("older end %s; newer end %s", shown(h, tallies[0]), shown(h, tallies[len(tallies)-1]))
	likeliest := ""
	if len(c.First) > 0 {
		likeliest = fmt.Sprintf("; the likeliest is %s, with probability %.2f", h.Candidates[c.First[0]].ID, c.Confidence)
	}
	switch c.Verdict {
	case bisect.Found:
		return fmt.Sprintf("%s: %s, %s: %s", first, names(h, c.First), last, names(h, c.Last))
	case bisect.Range:
		return fmt.Sprintf("%s: one of %s, which cannot be told apart; %s: %s", first, names(h, c.First), last, names(h, c.Last))
	case bisect.EndsGood:
		return "it shows on neither end: " + ends
	case bisect.EndsBad:
		return "it shows on both ends: " + ends
	case bisect.Swapped:
		return "the ends are not what they were said to be: " + ends + "; " + turned(h, q)
	case bisect.NotReproduced:
		for _, end := range []int{len(tallies) - 1, 0} {
			if t := tallies[end]; t.Unusable || t.Skip > 0 && t.Skip == t.Runs() {
				return endGone(h, end, t.Why) + "; " + ends
			}
		}
		return "it was not seen where it should be: " + ends
	case bisect.Budget:
		return fmt.Sprintf("all VMs that were allowed are spent%s; --resume %s with a larger --max-boots goes on", likeliest, h.ID)
	}
	return "not certain yet" + likeliest
}

// turned is the command that asks the other way round.
func turned(h question.Head, q question.Question) string {
	q = q.Turned()
	kept := "went away on the way"
	if !q.Fixed {
		kept = "came on the way"
	}
	if h.Ordered {
		return fmt.Sprintf("what is asked %s: --expect %s", kept, quoted(q.String()))
	}
	return fmt.Sprintf("swap --good and --bad, or where the order is right, what is asked %s: --expect %s", kept, quoted(q.String()))
}

// print writes the result.
func (r result) print(w io.Writer, asJSON bool) error {
	if asJSON {
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		return out.Encode(r)
	}
	return r.text(w)
}

// keepFiles writes the report and the log into the folder.
func (b *bisection) keepFiles(r result) error {
	var text bytes.Buffer
	if err := r.text(&text); err != nil {
		return err
	}
	return errors.Join(store.WriteFile(filepath.Join(b.folder.Dir, store.BisectReport), text.Bytes()), b.keepLog())
}
