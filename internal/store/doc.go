// Package store keeps runs: one append-only folder each.
//
//	RUN/run.json          what is fixed before the first trial (trial.Run)
//	RUN/events.jsonl      everything that happened, one event a line, written as it comes
//	RUN/trials/NNN/       plan.json, console.log, qemu.log, argv of one trial
//	RUN/report.html, report.txt, table.txt, summary.json, ramps/   the reports, made of the record
//	RUN/explain.jsonl     the trials of brink explain, in the same way; RUN/explain/NNN/ what they left
//	RUN/minimise.jsonl    the trials of brink minimise, in the same way; RUN/minimised/trials/NNN/ what they left
//	RUN/minimised.json    what came out (minimise.Result); RUN/minimised/plan.json its plan by itself
//	RUN/plain/            the shell script of brink plain, its verdict, and the record of the VMs it was tried in
//	ID/bisect.json, bisect.jsonl, bisect.log, bisect.txt, trials/NNN/   a bisection, which is no run (Bisection)
//	ID/grid.json, grid.txt, grid.svg, grid.png, summary.json   a grid, which has runs of its own (Grid)
//	ID/soak.json, soak.jsonl, soak.txt, soak.svg, soak.png, report.json, trials/NNN/   a soak, which is no run (Soak)
//
// A line is written with one write(2), so a killed brink loses nothing that was measured; at most the last line is torn,
// and Load and Open drop it. The package knows the folder's shape and nothing of what the events mean.
package store
