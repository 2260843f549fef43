// Package threshold decides at which size to boot the next VM when the size at which a kernel fails is to be narrowed
// down, when to stop, and what is then known. It knows sizes and passes: no kernels, no files, no time, no chance. The
// same history always gives the same decision, so a search that was cut off goes on from its record.
//
// The model: there is a threshold T, the smallest size that can fail. A fresh VM loaded straight to a size at or above
// T fails with an unknown probability p, one below T hardly ever does (falseFailure).
//
// What it believes:
//
//   - A boot costs seconds to minutes, a decision under a millisecond: boots are what is saved.
//   - The ladder reused its VM, so its failure proves nothing until a fresh VM has failed at that size. Its passes are
//     evidence, weaker than a fresh VM's.
//   - Most kernel bugs that depend on a size are certain above it. The search bisects until a pass at or above a size
//     that failed proves otherwise. As bisection never goes back, it cannot see this by itself: its result is tried
//     again at both ends before it is believed (guard.go).
//   - What fails only sometimes needs a posterior over T and p, and the next size is the one that tells most about T
//     (posterior.go, gain.go).
//   - Both ends of a reported interval were tried in a fresh VM.
//
// Sources: Horstein, Sequential transmission using noiseless feedback, IEEE Trans. Information Theory 9 (1963), the
// posterior that is cut where it says most; Burnashev and Zigangirov, An interval estimation problem for controlled
// observations, Problems of Information Transmission 10 (1974), the same on pieces instead of points; Waeber, Frazier,
// Henderson, Bisection search with noisy responses, SIAM J. Control and Optimization 51 (2013), its convergence, and why
// an unknown p is the harder case; Lindley, On a measure of the information provided by an experiment, Annals of
// Mathematical Statistics 27 (1956), the choice by expected information.
package threshold
