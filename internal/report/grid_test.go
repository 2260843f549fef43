package report

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/grid"
	"brink/internal/judge"
	"brink/internal/picture"
	"brink/internal/trial"
)

// livelocks is a grid of three runs, of which the last is not finished.
func livelocks() grid.Grid {
	panicked := judge.Finding{What: "panic:f:net", Kind: trial.Panic, Safe: 2000, Broken: 4000, Text: "boom (during flood)"}
	cell := func(v float64, state grid.Mark, broken bool) grid.Cell {
		return grid.Cell{Value: v, State: state, Broken: broken}
	}
	return grid.Grid{Format: grid.Format, V: 1, ID: "20260102-030405-promisc-grid", Scenario: "promisc", Title: "a flood", Axis: "pps", Unit: "frame/s",
		Second: "containers", Settings: map[string]string{"nic": "e1000", "frame": "1500"}, Kernel: trial.Kernel{Name: "debian:6.1", Release: "6.1.0-1-amd64"},
		Machine: trial.Machine{Accel: "tcg", Clock: trial.ClockICount, MemoryMB: 1024, CPUs: 1, CPU: "max", Board: "pc", QEMU: "7.2"},
		Runs: []grid.Run{
			{Name: "containers=1", ID: "r1", State: grid.Finished, Axis: "pps", Value: 1, Safe: 4000, Findings: []judge.Finding{}},
			{Name: "containers=1,000", ID: "r2", State: grid.Finished, Axis: "pps", Value: 1000, Findings: []judge.Finding{panicked, panicked}},
			{Name: "containers=1,022", State: grid.Waiting, Axis: "pps", Value: 1022}},
		Sizes: []int64{2000, 4000},
		Quantities: []grid.Quantity{{Name: "ask", Title: "ask for a link", Unit: "ns", Cells: [][]grid.Cell{
			{cell(12_345, grid.Measured, false), cell(2e9, grid.Over, true), cell(0, grid.Missing, false)},
			{cell(0, grid.Refused, false), cell(0, grid.Late, true), cell(0, grid.Missing, false)}}},
			{Name: "done", Title: "frames processed", Unit: "/s", Signal: true, Cells: [][]grid.Cell{
				{cell(2000, grid.Measured, false), cell(0, grid.Measured, true), cell(0, grid.Missing, false)},
				{cell(4000, grid.Measured, false), cell(0, grid.Missing, true), cell(0, grid.Missing, false)}}}},
		Shown: "done",
		Thresholds: []grid.Threshold{{What: "panic:f:net", Kind: trial.Panic, Points: []grid.Point{{Value: 1, Upto: 4000}, {Value: 1000, Safe: 2000, Broken: 4000}, {Value: 1022}},
			Law: grid.Law{Of: grid.CannotTell, Text: "cannot tell: one threshold says nothing about what it depends on, however long the sentence about it may be, which is broken"}},
			{What: "ask", Kind: judge.Budget, Points: []grid.Point{{Value: 1, Upto: 4000}, {Value: 1000, Broken: 2000}, {Value: 1022}}, Law: grid.Law{Text: "it is there at once"}}},
	}
}

func seriesOf() grid.Grid {
	g := livelocks()
	g.ID, g.Axis, g.Second, g.Sizes, g.Quantities, g.Thresholds, g.Seeded = "s-series", "", "", nil, nil, nil, true
	for i, name := range []string{"containers", "macs", "pps"} {
		g.Runs[i].Name, g.Runs[i].Axis, g.Runs[i].Value = "axis "+name, name, 0
	}
	g.Runs[0].Growths = []grid.Growth{{Op: "create", Told: true, Text: "linear: 1 ms + 2 ms n"}, {Op: "destroy", Text: "cannot tell"}}
	g.Runs[1].State = grid.Begun
	g.Runs[1].Findings = append(g.Runs[1].Findings, judge.Finding{What: "ask", Kind: judge.Budget, Broken: 2000, Text: "ask takes 2 s"},
		judge.Finding{What: "ask", Kind: judge.Growth, Broken: 9_999, Text: "ask grows as n^2"})
	return g
}

func TestGrid(t *testing.T) {
	for name, g := range map[string]grid.Grid{"grid": livelocks(), "series": seriesOf()} {
		t.Run(name, func(t *testing.T) {
			var names []string
			for _, q := range g.Quantities {
				names = append(names, q.Name)
			}
			var text bytes.Buffer
			require.NoError(t, Grid(&text, g, GridStyle{Names: names}))
			golden(t, name+".txt", text.Bytes())
			text.Reset()
			require.NoError(t, Grid(&text, g, GridStyle{Names: names, ASCII: true}))
			for _, b := range text.Bytes() {
				require.Less(t, b, byte(0x80))
			}
			require.ErrorIs(t, Grid(full{}, g, GridStyle{Names: names}), errFull)
		})
	}
}

func TestGridPicture(t *testing.T) {
	p := GridPicture(livelocks(), "ask")
	assert.Equal(t, []string{"1", "1,000", "1,022"}, p.ColumnNames)
	assert.Equal(t, []string{"2,000", "4,000"}, p.RowNames)
	assert.Equal(t, []picture.GridCell{{Value: 12345, Text: "12.3 µs", Known: true}, {Value: 2e9, Text: "2.00 s", Known: true, Over: true, Broken: true}, {Text: "-"}}, p.Cells[0])
	assert.Equal(t, []picture.GridCell{{Text: "refused"}, {Text: "late", Broken: true}, {Text: "-"}}, p.Cells[1])
}
