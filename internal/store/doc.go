// Package store keeps runs: one append-only folder each.
//
//	RUN/run.json          what is fixed before the first trial (trial.Run)
//	RUN/events.jsonl      everything that happened, one event a line, written as it comes
//	RUN/trials/NNN/       plan.json, console.log, qemu.log, argv of one trial
//	RUN/report.txt        the last report
//	RUN/explain.jsonl     the trials of brink explain, in the same way; RUN/explain/NNN/ what they left
//	RUN/minimise.jsonl    the trials of brink minimise, in the same way; RUN/minimised/trials/NNN/ what they left
//	RUN/minimised.json    what came out (minimise.Result); RUN/minimised/plan.json its plan by itself
//
// A line is written with one write(2), so a killed brink loses nothing that was measured; at most the last line is torn,
// and Load and Open drop it. The package knows the folder's shape and nothing of what the events mean.
package store
