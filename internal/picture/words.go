package picture

import "math"

// layer is one of the things a picture shows.
type layer uint8

const (
	layerSamples layer = iota + 1
	layerMedian
	layerFit
	layerBudget
	layerKnee
	layerFailed
)

// entry is a line of the legend.
type entry struct {
	layer layer
	text  string
}

const seededText = "SEEDED: the failure is planted and says nothing about this kernel"

// legend names the layers that are there.
func (v *view) legend() (out []entry) {
	add := func(l layer, text string) { out = append(out, entry{l, text}) }
	if len(v.sizes) > 0 {
		add(layerMedian, "median")
		add(layerSamples, v.sampleText())
	}
	if len(v.trace(v.mid, v.x)) > 0 {
		text := "fit"
		if v.ModelName != "" {
			text += " " + v.ModelName
		}
		if _, guess := v.inside(); guess.lo < guess.hi {
			text += ", dotted where not measured"
		}
		add(layerFit, text)
	}
	if len(v.trace(v.budget, v.x)) > 0 {
		text := v.boundWord()
		if where := v.offPicture(v.budget); where != "" {
			text += " (" + where + " the picture)"
		}
		add(layerBudget, text)
	}
	if v.knee != nil {
		text := "knee at " + round(v.Knee.At)
		if good(v.Knee.Low) && good(v.Knee.High) && v.Knee.Low < v.Knee.High {
			text += " [" + round(v.Knee.Low) + ", " + round(v.Knee.High) + "]"
		}
		add(layerKnee, text)
	}
	if len(v.failed) > 0 {
		add(layerFailed, "failed")
	}
	return out
}

// sampleText says how many samples a size has.
func (v *view) sampleText() string {
	least, most := len(v.sizes[0].samples), 0
	for _, m := range v.sizes {
		least, most = min(least, len(m.samples)), max(most, len(m.samples))
	}
	if least == most {
		return v.plural(most) + " a size"
	}
	return number(float64(least)) + " to " + v.plural(most) + " a size"
}

// plural counts samples; those of a signal are seconds.
func (v *view) plural(n int) string {
	if v.Signal != nil {
		return plural(n, "second", "seconds")
	}
	return plural(n, "sample", "samples")
}

func (v *view) samplesWord() string {
	if v.Signal != nil {
		return "seconds"
	}
	return "samples"
}

func (v *view) boundWord() string {
	if v.Signal != nil {
		return "limit"
	}
	return "budget"
}

// quantity labels a round value on the axis that is not that of the sizes.
func (v *view) quantity(value float64) string {
	if v.Signal == nil || v.Signal.Unit == "ns" {
		return duration(value)
	}
	text, unit := si(value, 1e6), v.Signal.Unit
	if unit != "" && unit != "%" && unit[0] != '/' {
		unit = " " + unit
	}
	return text + unit
}

// safeText and brokenText are the labels of the two sizes.
func (v *view) safeText() string { return "safe up to " + v.count(v.Safe) }

func (v *view) brokenText() string { return "broken at " + v.count(v.Broken) }

// timeText is the label of the time axis, or the name of the signal that is drawn instead.
func (v *view) timeText() string {
	if v.Signal != nil {
		return v.Signal.Name
	}
	if v.Waits {
		return "time of one sample, most of it waiting"
	}
	return "time of one sample"
}

// round writes a size that was estimated: whole from 10 on.
func round(n float64) string {
	if n >= 10 {
		return number(math.Round(n))
	}
	return number(n)
}
