// Package growth says how the cost of an op grows with the size: its class, its exponent with an interval, where the
// regime changes, and whether two series differ. It knows numbers only: no kernels, no files, no time.
//
// What it believes:
//
//   - A real op has a fixed cost, so the growth is read off the model a + b*g(n), never off the log-log slope of
//     totals.
//   - Timing noise is relative. Residuals are log(measured) - log(predicted); this weighs 1 us +- 5% like 1 s +- 5%.
//   - The spread of repetitions at one size tells the noise. If the best model misses the sizes by more than that
//     noise allows, the sizes become the unit of evidence and every interval widens: repetitions in one VM are not
//     independent.
//   - A simpler model stands until the data speak clearly against it (AICc plus a margin, see choose.go).
//   - Warnings are data, and "cannot tell" is an answer.
//
// The terms are those of Extra-P's performance model normal form, sum of c * n^i * log(n)^j (Calotoiu, Hoefler, Poke,
// Wolf: Using automated performance modeling to find scalability bugs in complex codes, SC 2013); segments follow
// Ilyas, Calotoiu, Wolf: Off-road performance modeling, Euro-Par 2017, with continuous bends added.
//
// Note: six curves without a constant, lowest RMS of the totals wins (google/benchmark's complexity.cc), was not
// done: one fixed cost turns n^2 into n log n, the largest size decides alone, and there is always a winner.
package growth
