// Package minimise takes away from a reproduction what the failure does not need: steps, repetitions, options, vCPUs,
// memory, modules, devices, arguments of the kernel, and what the size has above the smallest that is known to break.
// It says which smaller reproduction to try next, and what was learned. It is pure: all it knows is in the record, so
// one that was cut off goes on, and an old one reads the same again.
//
// What it believes:
//
//   - Nothing is taken away from a failure that does not come back. The whole reproduction is tried first, with two
//     seeds.
//   - Only the same finding counts, What and Kind: a smaller reproduction that fails otherwise shows another failure.
//   - A part stays if it could not be told that it is not needed: a trial without it that brink could not run, twice,
//     keeps it, and so does the end of the time.
//   - One VM says it all of a failure that always comes. One that comes in some VMs only is asked for twice, in as many
//     VMs as show it twice with 95%: a part is then kept without need in one of 20 cases, and a change that makes the
//     failure ten times rarer gets through in one of 15.
//   - The result is confirmed with other seeds. If it does not stand, the seed was what showed it: from then on each
//     smaller reproduction has to show the failure with one seed more.
//   - Chunks first, single parts last. Where taking away more never brings the failure back, no single part of what is
//     left can go; where it does, the result still shows the failure, but something in it may be too much.
//
// Note: to go over all parts again until nothing changes was left out. It costs a VM for each part that stays, and
// finds something only where one part hides that another is not needed.
package minimise
