// Package soak decides what many VMs that do the same work with different seeds tell of a failure that comes now and
// then: how often it comes, whether that is often enough to matter, and which of two kernels has it less. It also
// keeps the VMs busy (Fleet) and says how many fit (Fit). It knows VM time, failures and signatures; what a VM is
// somebody hands in. It is pure: no files, no processes, no output. The same results always give the same report, so
// a soak that was cut off goes on from its record.
//
// The model: while a VM works it fails at a constant rate, whatever it and the others did before. VM time counts from
// the beginning of the load to the failure or to the stop; boot does not, and a VM that ended through our own fault
// counts neither time nor failure.
//
// What it believes:
//
//   - The exact interval for a number of failures in a time (rate.go) holds if the end of the soak did not depend on
//     what was seen: a time, a number of failures, or whichever comes first. Somebody who stops when it looks good
//     has another interval coming: the confidence sequence (anytime.go) holds at all times at once, and is up to
//     twice as wide. "Is it below X?" is answered by the second, "within a factor of 2" by the first, as that is a
//     number of failures that is known before the soak begins.
//   - No failure is a result: after T VM-hours the rate is below 3.0/T with 95% confidence, and below 3.4/T if the
//     soak could have ended at any time.
//   - A rate is one of VMs that live as long as these did. A leak that kills every VM at the age of an hour shows
//     nothing in 59 minutes, and no statistics help against that; but lives that are not those of a constant rate are
//     called early or aging (life.go).
//   - Which of two kernels is better is asked of pairs that race (versus.go), not of the two rates. The test needs no
//     constant rate, no equal boots, and is not fooled by a seed that does the same to both.
//   - It is a test that may be looked at after each race and keeps its error at 5%. What it costs: of two kernels, one
//     of which fails 20 times as often, it needs 8 races or so, where a fixed number of them would be 6.
//   - How much longer it takes is a guess from what was seen so far. In simulation half of the guesses were right to
//     a factor of 3, and the middle one said twice the time it took.
//
// Note: the first test for two kernels went through the failures as they came, each weighed by how many VMs of each
// kernel were at risk at that moment (the partial likelihood of Cox, with the time of the host). Of kernels that both
// fail at the same age, the one that boots faster always fails just before the other one, whose failure then finds
// nothing else at risk and does not count: without a difference they would be told apart.
//
// All of it is checked by simulation: `go test -bench .`, and smaller in the tests.
//
// Sources: Garwood, Fiducial limits for the Poisson distribution, Biometrika 28 (1936), the exact interval; Ville,
// Étude critique de la notion de collectif (1939), that a nonnegative martingale which begins at 1 ever reaches 20
// with probability 1/20 at most; Robbins, Statistical methods related to the law of the iterated logarithm, Annals of
// Mathematical Statistics 41 (1970), mixtures of likelihood ratios and confidence sequences from them; Howard,
// Ramdas, McAuliffe, Sekhon, Time-uniform, nonparametric, nonasymptotic confidence sequences, Annals of Statistics 49
// (2021), the gamma mixture for Poisson processes and the beta mixture for coins; Lindon and Malek, Anytime-valid
// inference for multinomial count data, NeurIPS 2022, which of several event streams is faster, asked by whose event
// comes next.
package soak
