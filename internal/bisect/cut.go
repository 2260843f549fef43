package bisect

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrNoCut says that the two ends cannot be told apart by the value.
var ErrNoCut = errors.New("the two ends cannot be told apart")

// Cut parts the values of good candidates from those of bad ones: times of an op, sizes of a threshold.
type Cut struct {
	Value    float64 // in the unit of the samples
	BadAbove bool    // bad values are larger: a cost; or smaller: a threshold
	Factor   float64 // of the median of the bad end to that of the good end
}

// NewCut takes samples of both ends, all above zero. The value lies between the two, as many times above the one as
// below the other. It refuses, with ErrNoCut, ends that overlap, that differ by less than the factor asked for, or that
// are nearer to each other than the samples of one of them: the next sample could be on either side.
func NewCut(good, bad []float64, factor float64) (Cut, error) {
	if err := errors.Join(positive("good", good), positive("bad", bad)); err != nil {
		return Cut{}, err
	}
	if !(factor >= 1) {
		return Cut{}, fmt.Errorf("find cut: factor %v must be at least 1", factor)
	}
	c := Cut{BadAbove: median(bad) > median(good), Factor: median(bad) / median(good)}
	from, to := slices.Max(good), slices.Min(bad)
	if !c.BadAbove {
		from, to = slices.Max(bad), slices.Min(good)
	}
	c.Value = math.Exp((math.Log(from) + math.Log(to)) / 2)
	what := fmt.Sprintf("find cut: good end %v, bad end %v", ends(good), ends(bad))
	switch {
	case to <= from:
		return Cut{}, fmt.Errorf("%s: they overlap: %w", what, ErrNoCut)
	case math.Max(c.Factor, 1/c.Factor) < factor:
		return Cut{}, fmt.Errorf("%s: they differ by less than %v: %w", what, factor, ErrNoCut)
	case to/from < math.Max(ends(good).spread(), ends(bad).spread()):
		return Cut{}, fmt.Errorf("%s: each varies by more than what is between them, take more samples: %w", what, ErrNoCut)
	}
	return c, nil
}

func positive(end string, samples []float64) error {
	if len(samples) == 0 {
		return fmt.Errorf("find cut: the %s end has no samples", end)
	}
	for _, x := range samples {
		if !(x > 0) || math.IsInf(x, 1) {
			return fmt.Errorf("find cut: the %s end has the sample %v, which is no number above zero", end, x)
		}
	}
	return nil
}

// reach is the smallest and the largest sample.
type reach struct{ low, high float64 }

func ends(samples []float64) reach { return reach{slices.Min(samples), slices.Max(samples)} }

func (r reach) spread() float64 { return r.high / r.low }

func (r reach) String() string { return fmt.Sprintf("%.4g to %.4g", r.low, r.high) }

func median(samples []float64) float64 {
	s := slices.Sorted(slices.Values(samples))
	if n := len(s); n%2 == 0 {
		return math.Sqrt(s[n/2-1]) * math.Sqrt(s[n/2])
	}
	return s[len(s)/2]
}
