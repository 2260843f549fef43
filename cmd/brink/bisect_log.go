package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"io"

	"brink/internal/bisect"
	"brink/internal/question"
	"brink/internal/store"
	"brink/internal/trial"
)

// fixedTerms are the words of a log that looks for what was fixed.
func fixedTerms() bisect.Terms { return bisect.Terms{Bad: "fixed", Good: "broken"} }

// keepLog writes the record as `git bisect log` has it.
func (b *bisection) keepLog() error {
	var text bytes.Buffer
	if err := b.logRecord().Write(&text); err != nil {
		return err
	}
	return store.WriteFile(filepath.Join(b.folder.Dir, store.BisectLog), text.Bytes())
}

func (b *bisection) logRecord() bisect.Record {
	st := b.state()
	cands := st.Head.Candidates
	name := func(i int) bisect.Name { return bisect.Name{ID: cands[i].ID, Subject: cands[i].Subject} }
	r := bisect.Record{Terms: bisect.UsualTerms(), Bad: name(len(cands) - 1), Good: []bisect.Name{name(0)}}
	if st.Question == nil || st.Question.Open() {
		return r
	}
	if st.Question.Fixed {
		r.Terms = fixedTerms()
	}
	runs, _ := st.Runs(b.spec)
	for _, o := range runs {
		if st.Question.Fixed {
			o.Answer = question.Invert(o.Answer)
		}
		r.Entries = append(r.Entries, bisect.Entry{Name: name(o.Candidate), Answer: o.Answer, Text: oneLine(o.Text)})
	}
	if search, err := b.head.Search(*st.Question); err == nil {
		if _, _, c := search.Next(runs, 1); c.Verdict == bisect.Found || c.Verdict == bisect.Range {
			for _, f := range c.First {
				r.First = append(r.First, name(f))
			}
		}
	}
	return r
}

// replay concludes from a log alone.
func (c *bisectCmd) replay(a *app) error {
	if c.Scenario != "" || c.Resume != "" {
		return usagef("--replay reads a log and boots nothing: leave the scenario and --resume out")
	}
	text, err := os.Open(c.Replay)
	if err != nil {
		return usagef("read log: %w", err)
	}
	defer text.Close()
	record, err := bisect.ParseRecord(text)
	if err != nil {
		return usagef("%s: %w", c.Replay, err)
	}
	for _, f := range record.First {
		fmt.Fprintf(a.err, "the log itself names %s\n", f.ID)
	}
	head, err := c.replayHead(a, record)
	if err != nil {
		return usageError{err}
	}
	head.Confidence, head.MaxBoots = c.Confidence, len(record.Entries)+2
	q := question.Question{Kind: "log", Fixed: record.Terms == fixedTerms()}
	runs := c.replayRuns(a, head, record, q.Fixed)
	tallies := make([]question.Tally, len(head.Candidates))
	for i := range tallies {
		tallies[i].Candidate = i
	}
	for _, o := range runs {
		tallies[o.Candidate].Count(o.Answer, o.Text)
	}
	r := result{V: trial.Version, ID: filepath.Base(c.Replay), Scenario: "log", Asks: c.Replay, Boots: len(runs),
		shows: record.Terms.Bad, passes: record.Terms.Good}
	if q.Fixed {
		r.shows, r.passes = "not fixed", "fixed"
	}
	if err := r.fill(head, q, runs, tallies); err != nil {
		return usagef("%s: %w", c.Replay, err)
	}
	if text := disagrees(head, record.First, r.First); text != "" {
		fmt.Fprintln(a.err, "note:", text)
	}
	if r.Verdict == bisect.Budget {
		r.Verdict, r.Summary = bisect.Searching, summaryOf(head, q, question.Conclusion{First: r.First, Confidence: r.Confidence}, tallies)
	}
	if err := r.print(a.out, c.JSON); err != nil {
		return err
	}
	return r.exit()
}

// replayRuns are the runs of a log. Git's own log claims its ends without a run: that counts as one.
func (c *bisectCmd) replayRuns(a *app, head question.Head, record bisect.Record, fixed bool) []bisect.Observation {
	ids := make([]string, len(head.Candidates))
	for i, cand := range head.Candidates {
		ids[i] = cand.ID
	}
	runs, unknown := record.Observations(ids)
	for _, id := range unknown {
		fmt.Fprintf(a.err, "note: %s is not between the ends, it is left out\n", id)
	}
	claim := func(candidate int, answer bisect.Answer) {
		if !slices.ContainsFunc(runs, func(o bisect.Observation) bool { return o.Candidate == candidate }) {
			runs = append([]bisect.Observation{{Candidate: candidate, Answer: answer}}, runs...)
		}
	}
	claim(0, bisect.Good)
	claim(len(ids)-1, bisect.Bad)
	for i := range runs {
		if fixed {
			runs[i].Answer = question.Invert(runs[i].Answer)
		}
	}
	return runs
}

// replayHead finds the candidates of a log: from the bisection it belongs to, from the repository, or by their versions.
func (c *bisectCmd) replayHead(a *app, record bisect.Record) (question.Head, error) {
	bad, good := record.Ends()
	if bad.ID == "" || len(good) == 0 {
		return question.Head{}, fmt.Errorf("%s: it names no bad and good end", c.Replay)
	}
	if head, _, err := store.LoadBisection(filepath.Dir(c.Replay)); err == nil && head.Candidates[0].ID == good[0].ID &&
		head.Candidates[len(head.Candidates)-1].ID == bad.ID {
		return head, nil
	}
	if c.Git != "" {
		cands, err := c.listed(a.ctx, gitTree{c.Git}, kernelTree, good[0].ID, bad.ID)
		return question.Head{Candidates: cands, Repository: c.Git, Source: kernelTree}, err
	}
	var cands []question.Candidate
	if bad.ID == good[0].ID {
		return question.Head{}, fmt.Errorf("%s: both ends are %s", c.Replay, bad.ID)
	}
	for _, n := range append(append([]bisect.Name{bad}, good[0]), entryNames(record)...) {
		if !strings.HasPrefix(n.ID, "debian:") || n.Subject == "" {
			return question.Head{}, fmt.Errorf("%s: the order of %s and others is not in the log; "+
				"give the repository with --git PATH, or the log in its folder", c.Replay, n.ID)
		}
		if !slices.ContainsFunc(cands, func(k question.Candidate) bool { return k.ID == n.ID }) {
			cands = append(cands, question.Candidate{ID: n.ID, Ref: n.ID, Subject: n.Subject})
		}
	}
	cands, err := byVersion(cands)
	if err != nil {
		return question.Head{}, fmt.Errorf("%s: %w; give the log in its folder", c.Replay, err)
	}
	return question.Head{Candidates: cands, Ordered: true}, nil
}

// byVersion orders the candidates of a log, whose ends come first, the newer one before the older, and stay the ends.
func byVersion(cands []question.Candidate) ([]question.Candidate, error) {
	between := slices.Clone(cands[2:])
	slices.SortStableFunc(between, func(a, b question.Candidate) int { return compareDebian(a.Subject, b.Subject) })
	all := append(append([]question.Candidate{cands[1]}, between...), cands[0])
	for i, c := range all[1:] {
		before := all[i]
		switch n := compareDebian(before.Subject, c.Subject); {
		case n == 0:
			return nil, fmt.Errorf("%s and %s are of the same version, %s: their order is not in the log", before.ID, c.ID, c.Subject)
		case n > 0:
			return nil, fmt.Errorf("%s (%s) is no newer than %s (%s): their order was not that of their versions, and it is not in the log",
				c.ID, c.Subject, before.ID, before.Subject)
		}
	}
	return all, nil
}

// disagrees tells of a log that names another first candidate than its answers do.
func disagrees(h question.Head, named []bisect.Name, first []int) string {
	var here, there []string
	for _, i := range first {
		here = append(here, h.Candidates[i].ID)
	}
	for _, n := range named {
		there = append(there, n.ID)
	}
	slices.Sort(here)
	slices.Sort(there)
	switch {
	case len(there) == 0 || slices.Equal(here, there):
		return ""
	case len(here) == 0:
		return fmt.Sprintf("the log names %s, its answers do not say so", strings.Join(there, ", "))
	}
	return fmt.Sprintf("the log names %s, its answers say %s", strings.Join(there, ", "), strings.Join(here, ", "))
}

func entryNames(record bisect.Record) (names []bisect.Name) {
	for _, e := range record.Entries {
		names = append(names, e.Name)
	}
	return names
}

// lockedWriter lets several goroutines print lines.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
