package growth_test

import (
	"fmt"

	"brink/internal/growth"
	"brink/internal/scenario"
)

func ExampleFit() {
	var points []growth.Point
	for n := int64(100); n <= 12800; n *= 2 { // 1 ms fixed, and 10 ns for each pair
		x := 1e6 + 10*float64(n)*float64(n)
		points = append(points, growth.Point{N: n, Samples: []float64{0.95 * x, x, 1.05 * x}})
	}
	r := growth.Fit(points, 1)
	above, confidence := r.Exceeds(scenario.Linear)
	fmt.Println(r.Verdict, r.Class, r.Coefficients)
	fmt.Printf("exponent %.2f (%.2f to %.2f)\n", r.Exponent.Value, r.Exponent.Low, r.Exponent.High)
	fmt.Printf("above O(n): %v (%.3f), at 50000: %.1f s\n", above, confidence, r.At(50000)/1e9)
	// Output:
	// told quadratic [9.992e+05 9.992 n^2]
	// exponent 2.00 (1.98 to 2.02)
	// above O(n): true (1.000), at 50000: 25.0 s
}
