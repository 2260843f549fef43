// Package explain says which change makes a failure go away. It designs the arms of the experiment (the failure repeated
// with one thing changed in each), says which arm needs the next VM, and judges the counts. It is pure: all it knows is
// in the record, so an explanation that was cut off goes on, and an old one reads the same again.
//
// What it believes:
//
//   - Nothing is explained without a control. The first arm changes nothing but the seed; if the failure does not come
//     back there, no other arm is worth a boot.
//   - One thing at a time. Where a change forces another one (two vCPUs need real time), the forced one gets an arm of
//     its own, and that is what the change is compared with.
//   - The trials of the search for the threshold are not counted. Its sizes were chosen by how they turned out: the
//     broken one because it failed, the safe one because it passed.
//   - An arm that fails otherwise says nothing about this failure. A harness fault says nothing at all.
//   - "Goes away" may be luck. Each arm is compared with its control by Fisher's exact test, and as several are tried,
//     one is proven only if it stands with that counted in (closed.go).
//   - Many failures that depend on a size go away below it by definition, so of several changes that help, the one
//     that says most gives the class: version, environment, setting, load, scale, in this order. All of them are listed.
//   - A failure that is a number (a cost, a signal past its limit) says more than yes or no, so the arms are compared by
//     it, too (number.go). What a guest lacks is then found from the other side: a CPU feature that is not in use there
//     changes nothing when it is taken away, and brings the same number back when it is taken from a guest in which the
//     failure is gone (Healthy, back.go). A fault that hides a feature so shows though the CPU has it.
package explain
