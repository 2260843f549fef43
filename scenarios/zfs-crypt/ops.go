package zfscrypt

import (
	"slices"
	"time"

	"brink/internal/scenario"
)

func ops() []scenario.Op {
	const ms = time.Millisecond
	const empty, full = scenario.Empty, scenario.Full
	op := func(name, title string, axes []string, from, to scenario.State, reps int, base, each time.Duration) scenario.Op {
		return scenario.Op{Name: name, Title: title, Axes: axes, From: from, To: to, Reps: reps, Growth: scenario.Linear,
			Budget: scenario.Budget{Base: base, PerUnit: each}, Deadline: 10 * time.Minute}
	}
	constant := func(o scenario.Op) scenario.Op { o.Growth = scenario.Constant; return o }
	datasets, snapshots, writers := []string{Datasets}, []string{Snapshots}, []string{Writers}
	return []scenario.Op{
		constant(op("make", "make the twins, encrypted and not", onData, empty, full, 1, 5*time.Second, 0)),
		op("load", "make all datasets or snapshots", onNames, empty, full, 1, 10*time.Second, 2*time.Second),

		op("write-plain", "write so many MiB more to the unencrypted twin, and sync", onData, full, full, 2, 5*time.Second, 200*ms),
		op("write-plain-cpu", "CPU time of the pool's writing threads for it", onData, full, full, 2, time.Second, 50*ms),
		op("write", "the same to the encrypted twin", onData, full, full, 2, 5*time.Second, time.Second),
		op("write-cpu", "CPU time of the pool's writing threads for it", onData, full, full, 2, time.Second, time.Second),
		constant(op("txg-sync", "sync the pool after a write of 4 KiB to the encrypted twin", onData, full, full, 4, 5*time.Second, 0)),
		constant(op("fsync", "fsync of 4 KiB on an unencrypted dataset, nobody else writes", writers, full, full, 8, 100*ms, 0)),
		constant(op("fsync-plain", "the same while the unencrypted twin is written to without a pause: p90", writers, full, full, 1, time.Second, 15*ms)),
		constant(op("fsync-encrypted", "the same while the encrypted twin is written to: p90", writers, full, full, 1, time.Second, 15*ms)),

		constant(op("dataset-create", "make one more dataset", datasets, full, full, 4, 5*time.Second, 0)),
		op("key-load", "load the keys of all datasets that have their own", datasets, full, full, 3, 5*time.Second, 100*ms),
		op("key-load-inherited", "load the key that all others inherit", datasets, full, full, 3, 5*time.Second, 20*ms),
		constant(op("snapshot", "make one more snapshot", snapshots, full, full, 4, 5*time.Second, 0)),
		op("snapshot-list", "list all snapshots", snapshots, full, full, 3, time.Second, 5*ms),
		op("export", "export the pool", onNames, full, full, 2, 30*time.Second, 100*ms),
		op("import", "import it", onNames, full, full, 2, 30*time.Second, 100*ms),

		op("snapshot-destroy", "destroy all snapshots in one request: CPU time", snapshots, full, empty, 1, 5*time.Second, 100*ms),
		op("clear", "destroy the twins, or all datasets", slices.Concat(onData, datasets), full, empty, 1, 30*time.Second, 2*time.Second),
	}
}
