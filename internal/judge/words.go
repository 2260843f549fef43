package judge

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"brink/internal/growth"
)

// Duration prints a duration with three digits, in one unit.
func Duration(d time.Duration) string {
	step := time.Duration(1)
	for d/step >= 1000 && step < time.Second {
		step *= 10
	}
	d = d.Round(step) // before the unit is chosen: 999.9 ms is 1.00 s
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{time.Second, "s"}, {time.Millisecond, "ms"}, {time.Microsecond, "µs"}} {
		if d >= u.unit {
			v := float64(d) / float64(u.unit)
			switch {
			case v >= 100:
				return fmt.Sprintf("%.0f %s", v, u.name)
			case v >= 10:
				return fmt.Sprintf("%.1f %s", v, u.name)
			}
			return fmt.Sprintf("%.2f %s", v, u.name)
		}
	}
	return fmt.Sprintf("%d ns", d)
}

// Count prints a number with thousands separated.
func Count(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// Model names a fitted growth in a few words.
func Model(fit growth.Result) string {
	var terms []string
	for _, c := range fit.Coefficients {
		terms = append(terms, term(c))
	}
	text := fmt.Sprintf("%s: %s", fit.Class, strings.Join(terms, " + "))
	if e := fit.Exponent; e != nil && fit.Class != growth.Constant {
		text += fmt.Sprintf(", exponent %.2f (%.2f to %.2f)", e.Value, e.Low, e.High)
	}
	return text
}

// term writes a part of a cost with its unit: 12.0 ms n.
func term(c growth.Term) string {
	number, rest, _ := strings.Cut(c.String(), " ")
	if number += " ns"; c.NS >= 100 {
		number = Duration(time.Duration(c.NS))
	}
	return strings.TrimSpace(number + " " + rest)
}

// Quantity writes a value of a signal with its unit: 15.0 ms, 43.1%, 278,000/s, 0.25 tasks.
func Quantity(v float64, unit string) string {
	switch unit {
	case "ns":
		if math.Abs(v) < math.MaxInt64 {
			return Duration(time.Duration(v))
		}
	case "%":
		return fmt.Sprintf("%.1f%%", v)
	case "/s":
		return amount(v) + unit
	}
	return strings.TrimSpace(amount(v) + " " + unit)
}

// amount writes a number: what is small with its fraction, the rest in whole ones.
func amount(v float64) string {
	switch {
	case math.Abs(v) >= 1e15 || math.IsNaN(v): // no count of anything; and does not fit into 64 bits
		return fmt.Sprintf("%.3g", v)
	case math.Abs(v) < 10:
		return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
	}
	return Count(int64(math.Round(v)))
}
