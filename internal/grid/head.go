package grid

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"

	"brink/internal/trial"
)

// Version is the version of the head's format. A reader refuses heads of a newer version.
const Version = 1

// Head is everything about a grid that is fixed before its first run.
type Head struct {
	V        int      `json:"v"`
	ID       string   `json:"id"`
	Build    string   `json:"build"`
	Args     []string `json:"args"` // brink's command line
	Scenario string   `json:"scenario"`
	Axis     string   `json:"axis,omitempty"`   // ramped in all runs; empty in a series
	Second   string   `json:"second,omitempty"` // stands still at another value in each run; empty in a series
	// Runs are the heads of the runs in the order in which they are made, without ID and Grid.
	Runs []trial.Run `json:"runs"`
}

// Parse reads a head.
func Parse(text []byte) (Head, error) {
	var h Head
	if err := json.Unmarshal(text, &h); err != nil {
		return h, err
	}
	switch {
	case h.V > Version:
		return h, fmt.Errorf("grid %s has version %d, this build knows %d: use a newer brink", h.ID, h.V, Version)
	case len(h.Runs) == 0 || (h.Axis == "") != (h.Second == ""):
		return h, fmt.Errorf("grid %s names no runs, or only one axis: it is damaged, make a new one", h.ID)
	}
	for i := range h.Runs {
		if _, err := strconv.ParseInt(h.Runs[i].Settings[h.Second], 10, 64); !h.Series() && err != nil {
			return h, fmt.Errorf("grid %s has no number of %s for its run %d: it is damaged, make a new one", h.ID, h.Second, i+1)
		}
	}
	return h, nil
}

// Series reports whether the runs ramp different axes, and no grid comes of them.
func (h Head) Series() bool { return h.Second == "" }

// Value is where the second axis stands in a run; 0 in a series.
func (h Head) Value(i int) int64 {
	n, _ := strconv.ParseInt(h.Runs[i].Settings[h.Second], 10, 64)
	return n
}

// Name tells a run from the others in a few words: containers=100.
func (h Head) Name(i int) string {
	if h.Series() {
		return "axis " + h.Runs[i].Axis
	}
	return h.Second + "=" + h.Runs[i].Settings[h.Second]
}

// Title says in a few words what the grid consists of.
func (h Head) Title() string {
	values := ""
	for i := range h.Runs {
		if i > 0 {
			values += ","
		}
		if h.Series() {
			values += h.Runs[i].Axis
		} else {
			values += h.Runs[i].Settings[h.Second]
		}
	}
	if h.Series() {
		return "series of " + values
	}
	return h.Axis + " x " + h.Second + "=" + values
}

// Index returns which of the grid's runs a run is.
func (h Head) Index(run trial.Run) (i int, ok bool) {
	for i, r := range h.Runs {
		if run.Grid == h.ID && run.Axis == r.Axis && maps.Equal(run.Settings, r.Settings) {
			return i, true
		}
	}
	return 0, false
}
