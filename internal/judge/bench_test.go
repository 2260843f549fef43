package judge

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"brink/internal/scenario"
	"brink/internal/trial"
)

// BenchmarkFindings judges a run of 10 ops x 20 sizes x 10 repetitions from its record: wanted under 100 ms.
func BenchmarkFindings(b *testing.B) {
	s := scenario.Spec{Name: "fake"}
	head := trial.Run{ID: "r", Axis: "peers"}
	for i := range 10 {
		s.Ops = append(s.Ops, scenario.Op{Name: fmt.Sprintf("op%d", i), From: scenario.Full, To: scenario.Full, Growth: scenario.Linear,
			Budget: scenario.Budget{Base: time.Hour}})
	}
	random := rand.New(rand.NewPCG(1, 2))
	r := (&record{}).start(1)
	for i := range 20 {
		n := int64(1000 << i >> (i / 2))
		head.Sizes = append(head.Sizes, n)
		for _, op := range s.Ops {
			var walls []time.Duration
			for range 10 {
				walls = append(walls, time.Duration((1e6+float64(n)*300)*(1+0.05*random.NormFloat64())))
			}
			r.op(op.Name, n, walls...)
		}
	}
	for b.Loop() {
		Read(s, head, *r).Findings()
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/run")
}
