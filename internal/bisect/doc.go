// Package bisect finds which version or commit brought a failure, where one run of a kernel answers only with luck.
// It knows candidates by their numbers and runs by their answers: no kernels, no VMs, no git, no time, no chance. The
// same record always gives the same decision, in whatever order it is read, so a search that was cut off goes on from
// it.
//
// How it decides: every candidate may have introduced the failure, and every run counts as evidence for or against
// each of them. A candidate has the failure if it descends from the one that introduced it, over any parent of any
// merge, and then each of its runs shows it with a probability p that is not known beforehand; others hardly ever
// show it. The search keeps the joint distribution of the two, runs the candidate whose answer is expected to tell
// most about what introduced the failure, and stops when one candidate holds the wanted confidence. For p = 1 that is
// bisection, with a few runs more to be sure that p is 1. Nothing is repeated a fixed number of times, and no single
// run decides.
//
// What it believes:
//
//   - The ends are claims. The bad end is run until it shows the failure, or until one in ten runs would have; the
//     good end until its passes are no luck. That both have it, or that neither has, stays possible to the end, and
//     is what a search that contradicts itself comes to.
//   - Only the failure that is looked for is an answer. An unrelated crash may hide it, so it says neither good nor
//     bad; it is counted apart. To take any crash for bad is a main reason why bisections of kernels go wrong.
//   - What does not build or boot is rarely alone: near it a run is worth less, and many in a row are taken for a
//     gap. What nothing that can be tried tells apart is reported as a range, never guessed.
//   - p is the same for all candidates that have the failure. Where it is not, too much confidence is stated: with p
//     falling from 0.9 at the bad end to 0.3 at the first bad candidate 95% were right, and 98.6% stated.
//   - Several runs at once are chosen one after another, each by what it tells on average over the answers of those
//     before it. Runs under way are counted that way, too.
//   - The stated confidence is the probability under this model. It is checked by simulation (calibration_test.go):
//     it is right on average over rates, somewhat too low for failures that always show. To keep the wanted
//     confidence for the less usual rates, the search goes on until only a third of the error that was allowed is
//     left.
//   - A value, such as a time or a threshold, is made an answer by the cut between the two ends, and not at all where
//     the ends overlap (cut.go).
//
// The record is the text of `git bisect log`, with every run in it (record.go).
//
// Sources: git-bisect(1) and Couder, Fighting regressions with git bisect (git-bisect-lk2009, 2009), for the graph,
// for skips and for the log; Vyukov, syzbot bisection analysis (linux-kernel, 27 March 2019): of 118 bisections with
// ten runs a step, any crash being bad, slightly above 50% were right, for failures hard to reproduce and unrelated
// ones above all; Kara, Stochastic bisection (git mailing list, November 2021; lwn.net/Articles/877964), a
// probability for each commit of a graph, where the user has to state how sure an answer is;
// hauntsaninja.github.io/git_bayesect.html (2026), a line of commits with both rates unknown and the choice by
// entropy; Ealdwulf's BBChop before it. The choice by expected information and its further sources are those of
// internal/threshold.
package bisect
