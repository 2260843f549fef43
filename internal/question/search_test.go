package question

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/bisect"
	"brink/internal/trial"
	"brink/scenarios/seeded"
)

func versions(n int) Head {
	h := Head{V: trial.Version, ID: "b", Scenario: "seeded", Axis: "entries", Confidence: 0.95, MaxBoots: 200, Machine: head().Machine, Ordered: true}
	for i := range n {
		h.Candidates = append(h.Candidates, Candidate{ID: fmt.Sprint("v", i), Ref: fmt.Sprint("v", i)})
	}
	return h
}

// conclude runs a search in which shows says whether a run of a candidate shows what is asked.
func conclude(t *testing.T, h Head, q Question, shows func(candidate int) bool) Conclusion {
	t.Helper()
	s, err := h.Search(q)
	require.NoError(t, err)
	var runs []bisect.Observation
	for range 1000 {
		try, done, c := s.Next(runs, 2)
		if done {
			return c
		}
		require.NotEmpty(t, try)
		for _, x := range try {
			answer := bisect.Good
			if shows(x) {
				answer = bisect.Bad
			}
			runs = append(runs, bisect.Observation{Candidate: x, Answer: answer})
		}
	}
	t.Fatal("no end")
	return Conclusion{}
}

func TestSearchBothWays(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, p := range []float64{1, 0.3} {
		for _, first := range []int{1, 5, 19} {
			flaky := func() bool { return rng.Float64() < p }
			c := conclude(t, versions(20), Question{}, func(x int) bool { return x >= first && flaky() })
			require.Equal(t, bisect.Found, c.Verdict)
			assert.Equal(t, []int{first}, c.First, "p %v", p)
			assert.Equal(t, []int{first - 1}, c.Last)
			assert.Equal(t, p == 1, c.Certain)

			c = conclude(t, versions(20), Question{Fixed: true}, func(x int) bool { return x < first && flaky() })
			require.Equal(t, bisect.Found, c.Verdict)
			assert.Equal(t, []int{first}, c.First, "fixed, p %v", p)
			assert.Equal(t, []int{first - 1}, c.Last)
		}
	}
}

func TestSearchOfEndsThatAreOtherwise(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		q := Question{Fixed: fixed}
		assert.Equal(t, bisect.EndsGood, conclude(t, versions(9), q, func(int) bool { return false }).Verdict)
		assert.Equal(t, bisect.EndsBad, conclude(t, versions(9), q, func(int) bool { return true }).Verdict)
		assert.Equal(t, bisect.Swapped, conclude(t, versions(9), q, func(x int) bool { return (x < 4) != fixed }).Verdict)
	}
}

func TestSearchARange(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		h := versions(9)
		s, err := h.Search(Question{Fixed: fixed})
		require.NoError(t, err)
		var runs []bisect.Observation
		for {
			try, done, c := s.Next(runs, 1)
			if done {
				require.Equal(t, bisect.Range, c.Verdict)
				assert.Equal(t, []int{3, 4, 5}, c.First)
				assert.Equal(t, []int{2}, c.Last)
				break
			}
			o := bisect.Observation{Candidate: try[0], Answer: bisect.Good}
			switch {
			case try[0] == 3 || try[0] == 4:
				o.Answer = bisect.Skip
			case (try[0] >= 5) != fixed:
				o.Answer = bisect.Bad
			}
			runs = append(runs, o)
		}
	}
}

// TestSearchAHistory: 0 - 1 - 2 - 5 - 6 with the branch 1 - 3 - 4 - 5.
func TestSearchAHistory(t *testing.T) {
	h := versions(7)
	h.Repository = "repo"
	for i, p := range [][]int{nil, {0}, {1}, {1}, {3}, {2, 4}, {5}} {
		h.Candidates[i].Parents = p
	}
	s, err := h.Search(Question{})
	require.NoError(t, err)
	has := func(x int) bool { return s.Graph.Inherits(x, 3) }
	c := conclude(t, h, Question{}, has)
	require.Equal(t, bisect.Found, c.Verdict)
	assert.Equal(t, []int{3}, c.First)
	c = conclude(t, h, Question{Fixed: true}, func(x int) bool { return !has(x) })
	require.Equal(t, bisect.Found, c.Verdict)
	assert.Equal(t, []int{3}, c.First)
	assert.Equal(t, []int{1}, c.Last)
}

// TestReadARecord: what the lines of a record say, in whatever state it was left.
func TestReadARecord(t *testing.T) {
	h := versions(4)
	q, err := Parse("cost:walk@40000>10ms")
	require.NoError(t, err)
	lines := []Line{{Question: &q, Differences: []Difference{{Question: q, Text: "x"}}, Event: trial.Event{V: 1, Type: EventQuestion}}}
	add := func(candidate, number int, v vm) {
		for _, e := range v.events(number) {
			l := Line{Candidate: candidate, Event: e}
			if e.Type == trial.EventTrial {
				l.Kernel = &trial.Kernel{Name: "k"}
			}
			text, err := json.Marshal(l)
			require.NoError(t, err)
			l, err = ParseLine(text)
			require.NoError(t, err)
			lines = append(lines, l)
		}
	}
	add(0, 1, vm{walk: time.Millisecond})
	add(3, 2, vm{walk: 20 * time.Millisecond})
	add(3, 3, vm{walk: 30 * time.Millisecond})
	add(2, 4, vm{fails: planted()})
	add(1, 5, vm{walk: time.Millisecond})
	lines = lines[:len(lines)-1] // brink was killed
	lines = append(lines, Line{Candidate: 1, Event: trial.Event{V: 1, Type: EventUnusable, Text: "gone"}})

	st := Read(h, lines)
	require.NotNil(t, st.Question)
	assert.Len(t, st.Differences, 1)
	assert.Equal(t, 5, st.Last)
	assert.Equal(t, "k", st.Trials[0].Kernel.Name)
	runs, tallies := st.Runs(seeded.Spec())
	assert.Equal(t, []int{1, 0, 0, 0}, []int{tallies[0].Good, tallies[0].Bad, tallies[1].Good, tallies[1].Bad})
	assert.Equal(t, 2, tallies[3].Bad)
	assert.Equal(t, 1, tallies[2].Other)
	assert.True(t, tallies[1].Unusable)
	assert.InDelta(t, 20e6, tallies[3].Value, 5)
	assert.Len(t, tallies[3].Values(), 2)
	assert.Len(t, runs, 4+tries)

	q.Limit, q.Factor = 0, 2
	runs, tallies = Read(h, append([]Line{{Question: &q, Event: trial.Event{V: 1, Type: EventQuestion}}}, lines[1:]...)).Runs(seeded.Spec())
	assert.Len(t, runs, 1+tries, "an open question has values and no answers")
	assert.Len(t, tallies[3].Values(), 2)
}

// TestReadAVerdict: how a trial ends is on record before its evidence is saved.
func TestReadAVerdict(t *testing.T) {
	events := vm{fails: planted()}.events(1)
	events[len(events)-1].Type = trial.EventVerdict
	var lines []Line
	for _, e := range events {
		lines = append(lines, Line{Candidate: 1, Event: e})
	}
	h := versions(2)
	h.Question = &Question{Kind: Signature, What: "panic:seeded_panic:seeded", Size: size}
	runs, _ := Read(h, lines).Runs(seeded.Spec())
	require.Len(t, runs, 1)
	assert.Equal(t, bisect.Bad, runs[0].Answer)
}

func TestParseWhatIsNoRecord(t *testing.T) {
	for text, want := range map[string]string{
		`{`: "parse event", `{"v":1,"type":"question"}`: "does not say what it is about", `{"v":1,"type":"end","candidate":-1}`: "does not say",
		`{"v":99,"type":"end"}`: "use a newer brink",
	} {
		_, err := ParseLine([]byte(text))
		assert.ErrorContains(t, err, want)
	}
	for text, want := range map[string]string{`{`: "parse head", `{"v":99}`: "use a newer brink", `{"v":1,"candidates":[{"id":"a"}]}`: "two ends"} {
		_, err := ParseHead([]byte(text))
		assert.ErrorContains(t, err, want)
	}
}
