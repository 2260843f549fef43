package formats

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"brink/internal/summary"
)

// planted is said wherever a seeded run could be taken for a kernel's.
const planted = "SEEDED: the failures are planted, to try brink itself; they say nothing about this kernel"

// machine says in a line what the guest ran on. Runs whose lines differ cannot be compared.
func machine(s summary.Summary) string {
	m := s.Machine
	return line(
		fmt.Sprintf("%s, clock %s, %d vCPU (%s), %d MiB, %s", m.Accel, m.Clock, m.CPUs, m.CPU, m.MemoryMB, m.Board),
	)
}

// options lists those that are not at their defaults.
func options(s summary.Summary) string {
	var set []string
	for _, name := range slices.Sorted(maps.Keys(s.Scenario.Changed)) {
		set = append(set, name+"="+s.Scenario.Changed[name])
	}
	if len(set) == 0 {
		return "defaults"
	}
	return line(strings.Join(set, ", "))
}

// verdict is the run's sentence, marked if the failures are planted or the run is not finished.
func verdict(s summary.Summary) string {
	text := line(s.Verdict.Text)
	if s.Seeded {
		text = planted + "; " + text
	}
	return text
}
