package scenario

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func axis() Axis {
	return Axis{Name: "peers", Unit: "peer", Min: 1, Max: 1 << 20, From: 1024, To: 8192, MemoryBase: 256 << 20, MemoryPerUnit: 13 << 10}
}

func TestLadder(t *testing.T) {
	for name, c := range map[string]struct {
		from, to int64
		want     []int64
		err      string
	}{
		"defaults":                  {0, 0, []int64{1024, 2048, 4096, 8192}, ""},
		"ends where it is told":     {1000, 5000, []int64{1000, 2000, 4000, 5000}, ""},
		"one size":                  {7, 7, []int64{7}, ""},
		"end below the default":     {0, 10, []int64{10}, ""},
		"start above the default":   {10000, 0, []int64{10000}, ""},
		"from the least to a few":   {1, 8, []int64{1, 2, 4, 8}, ""},
		"whole axis":                {1 << 19, 1 << 20, []int64{1 << 19, 1 << 20}, ""},
		"start above the end":       {20, 10, nil, "must not be above the end"},
		"negative start":            {-5, 10, nil, "choose sizes from 1 to 1048576"},
		"negative end":              {0, -5, nil, "choose sizes from 1 to 1048576"},
		"above the axis":            {1, 1<<20 + 1, nil, "size 1048577 is outside"},
		"doubling would overflow":   {3, math.MaxInt64, nil, "is outside the axis peers"},
		"overflow from the default": {0, math.MaxInt64, nil, "is outside the axis peers"},
		"both absurd":               {math.MaxInt64, math.MaxInt64, nil, "is outside the axis peers"},
	} {
		t.Run(name, func(t *testing.T) {
			sizes, err := axis().Ladder(c.from, c.to)
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, sizes)
		})
	}
}

func TestLadderOfSteps(t *testing.T) {
	a := axis()
	a.Steps = []int64{1024, 3000, 8192}
	sizes, err := a.Ladder(0, 0)
	require.NoError(t, err)
	assert.Equal(t, a.Steps, sizes)
	sizes[0] = 1
	assert.Equal(t, int64(1024), a.Steps[0], "the axis keeps its own")
	sizes, err = a.Ladder(0, 4000)
	require.NoError(t, err)
	assert.Equal(t, []int64{1024, 2048, 4000}, sizes, "ends that are given double")
}

func TestSizes(t *testing.T) {
	given := []int64{30, 10, 20, 10}
	sizes, err := axis().Sizes(given)
	require.NoError(t, err)
	assert.Equal(t, []int64{10, 20, 30}, sizes)
	assert.Equal(t, []int64{30, 10, 20, 10}, given, "the caller's list stays as it is")
	for _, bad := range []int64{0, -1, 1<<20 + 1, math.MinInt64, math.MaxInt64} {
		_, err := axis().Sizes([]int64{1, bad})
		assert.ErrorContains(t, err, "is outside the axis peers: choose sizes from 1 to 1048576")
	}
}

func TestMemory(t *testing.T) {
	for size, want := range map[int64]int64{
		1:      512 << 20, // the least
		20164:  512 << 20, // 256 MiB + 20164 x 13 KiB is just below
		20165:  1 << 30,   // and this just above
		131072: 2 << 30,
	} {
		assert.Equal(t, want, axis().Memory(size), "%d peers", size)
	}
}

func TestBudget(t *testing.T) {
	b := Budget{Base: time.Second, PerUnit: time.Millisecond}
	assert.Equal(t, time.Second, b.At(0))
	assert.Equal(t, 3*time.Second, b.At(2000))
}

func spec() Spec {
	return Spec{Name: "fake", Title: "a title", Incident: "an incident", Axes: []Axis{axis()},
		Ops: []Op{
			{Name: "load", From: Empty, To: Full, Reps: 1, Growth: Linear, Budget: Budget{PerUnit: 1}, Deadline: MinDeadline},
			{Name: "get", From: Full, To: Full, Reps: 8, Growth: Log, Budget: Budget{Base: 1}, Deadline: MinDeadline},
		},
		Options: []Option{
			{Name: "count", Kind: Int, Default: "1", Min: 1, Max: 64},
			{Name: "share", Kind: Float, Default: "0", Min: 0, Max: 1},
			{Name: "keys", Kind: Bool, Default: "true"},
			{Name: "mode", Kind: Choice, Default: "slow", Choices: []string{"slow", "steady"}},
		}}
}

func TestSettings(t *testing.T) {
	s := spec()
	all, err := s.Settings(nil)
	require.NoError(t, err)
	assert.Equal(t, Settings{"count": "1", "share": "0", "keys": "true", "mode": "slow"}, all)

	all, err = s.Settings(map[string]string{"count": "1e1", "share": "0.50", "keys": "F", "mode": "steady"})
	require.NoError(t, err)
	assert.Equal(t, Settings{"count": "10", "share": "0.5", "keys": "false", "mode": "steady"}, all, "in one canonical form")
	assert.Equal(t, 10, all.Int("count"))
	assert.Equal(t, 0.5, all.Float("share"))
	assert.False(t, all.Bool("keys"))
}

func TestBadSettings(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"count", "", "is not a whole number"},
		{"count", "many", "is not a whole number"},
		{"count", "2.5", "is not a whole number"},
		{"count", "NaN", "is not a whole number"},
		{"count", "Inf", "is not a whole number"},
		{"count", "-Inf", "is not a whole number"},
		{"count", "1e300", "is not a whole number"},
		{"count", "9223372036854775808", "option count: "},
		{"count", "0", "is out of range, choose 1 to 64"},
		{"count", "65", "is out of range, choose 1 to 64"},
		{"share", "NaN", "is not a number"},
		{"share", "half", "is not a number"},
		{"share", "Inf", "is out of range, choose 0 to 1"},
		{"share", "1.0001", "is out of range, choose 0 to 1"},
		{"share", "-0.1", "is out of range, choose 0 to 1"},
		{"keys", "yes", "is not true or false"},
		{"keys", "", "is not true or false"},
		{"mode", "fast", "option mode: unknown \"fast\": choose one of slow, steady"},
		{"mode", "", "option mode: unknown"},
		{"colour", "red", `unknown option "colour" of scenario fake: it has count, share, keys, mode`},
		{"", "1", `unknown option "" of scenario fake`},
	} {
		t.Run(c.name+"="+c.value, func(t *testing.T) {
			all, err := spec().Settings(map[string]string{c.name: c.value})
			require.ErrorContains(t, err, c.want)
			assert.Nil(t, all)
		})
	}
	_, err := Spec{Name: "plain"}.Settings(map[string]string{"a": "1"})
	assert.ErrorContains(t, err, "it has none")
}

func TestFindsAxisAndOp(t *testing.T) {
	s := spec()
	s.Axes = append(s.Axes, Axis{Name: "pps"})
	for name, want := range map[string]string{"": "peers", "peers": "peers", "pps": "pps"} {
		a, err := s.Axis(name)
		require.NoError(t, err)
		assert.Equal(t, want, a.Name)
	}
	_, err := s.Axis("cgroups")
	require.ErrorContains(t, err, `unknown axis "cgroups" of scenario fake: it has peers, pps`)
	_, err = Spec{}.Axis("")
	require.Error(t, err)

	o, ok := s.Op("get")
	require.True(t, ok)
	assert.Equal(t, 8, o.Reps)
	_, ok = s.Op("put")
	assert.False(t, ok)
}

func TestGrows(t *testing.T) {
	for _, c := range []struct {
		from, to State
		want     bool
	}{{Empty, Full, true}, {Smaller, Full, true}, {Full, Full, false}, {Full, Empty, false}, {Empty, Empty, false}} {
		assert.Equal(t, c.want, Op{From: c.from, To: c.to}.Grows(), "%d to %d", c.from, c.to)
	}
}

func TestCheck(t *testing.T) {
	require.NoError(t, spec().Check())
	for name, c := range map[string]struct {
		spoil func(*Spec)
		want  string
	}{
		"name":             {func(s *Spec) { s.Name = "Two Words" }, "not one lower-case word"},
		"no title":         {func(s *Spec) { s.Title = "" }, "needs a title"},
		"no incident":      {func(s *Spec) { s.Incident = "" }, "an incident"},
		"no axis":          {func(s *Spec) { s.Axes = nil }, "an axis"},
		"no op":            {func(s *Spec) { s.Ops = nil }, "an op"},
		"axis from zero":   {func(s *Spec) { s.Axes[0].Min = 0 }, "want 1 <= min <= from <= to <= max"},
		"axis upside down": {func(s *Spec) { s.Axes[0].To = 1 }, "want 1 <= min <= from <= to <= max"},
		"axis too short":   {func(s *Spec) { s.Axes[0].Max = 4096 }, "want 1 <= min <= from <= to <= max"},
		"axis not named":   {func(s *Spec) { s.Axes[0].Name = "" }, "needs a name and a unit"},
		"axis twice":       {func(s *Spec) { s.Axes = append(s.Axes, s.Axes[0]) }, "axis peers is there twice"},
		"op not named":     {func(s *Spec) { s.Ops[1].Name = "" }, "needs name"},
		"op from nowhere":  {func(s *Spec) { s.Ops[1].From = 0 }, "op get: needs"},
		"op to nowhere":    {func(s *Spec) { s.Ops[1].To = 0 }, "op get: needs"},
		"no reps":          {func(s *Spec) { s.Ops[1].Reps = 0 }, "op get: needs"},
		"no growth":        {func(s *Spec) { s.Ops[1].Growth = "" }, "op get: needs"},
		"early deadline":   {func(s *Spec) { s.Ops[1].Deadline = MinDeadline - 1 }, "op get: a deadline below 30s"},
		"no budget":        {func(s *Spec) { s.Ops[1].Budget = Budget{} }, "op get: needs a budget"},
		"nothing grows":    {func(s *Spec) { s.Ops = s.Ops[1:] }, "no op leads to the size"},
		"op twice":         {func(s *Spec) { s.Ops = append(s.Ops, s.Ops[1]) }, "op get is there twice"},
		"bad default":      {func(s *Spec) { s.Options[0].Default = "0" }, "out of range"},
		"option kind":      {func(s *Spec) { s.Options[0].Kind = 0 }, "option count: needs a name and a kind"},
		"option not named": {func(s *Spec) { s.Options[2].Name = "" }, "needs a name and a kind"},
		"option twice":     {func(s *Spec) { s.Options[1].Name = "count" }, "option count is there twice"},
	} {
		t.Run(name, func(t *testing.T) {
			s := spec()
			c.spoil(&s)
			require.ErrorContains(t, s.Check(), c.want)
		})
	}
	s := spec()
	s.Title, s.Ops[0].Reps = "", 0
	assert.Len(t, strings.Split(s.Check().Error(), "\n"), 2, "every mistake is told")
}

func TestScaledLimits(t *testing.T) {
	s := Spec{Signals: []Signal{{Name: "gap", Unit: "ns"}, {Name: "work", Unit: "/s"}}, Limits: []Limit{
		{Name: "stall", Signal: "gap", Form: Above, Bound: 10}, {Name: "slow", Signal: "gap", Form: Times, Bound: 3, Of: "gap"},
		{Name: "livelock", Signal: "work", Form: Collapse, Bound: 0.5, Of: "work"}}}
	assert.Equal(t, s.Limits, s.Scaled(1).Limits)
	scaled := s.Scaled(20).Limits
	require.Len(t, scaled, 2, "on a busy host one time is a multiple of the other without the kernel's doing")
	assert.Equal(t, 200.0, scaled[0].Bound)
	assert.Equal(t, "livelock", scaled[1].Name)
}
