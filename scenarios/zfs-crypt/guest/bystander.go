//go:build linux

package guest

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
	"brink/internal/trial"
)

// bystander times small synchronous writes of a dataset that has no part in what is written beside it.
func (s *scenario) bystander(op string, shape shape, m *guest.Meter) error {
	fd, err := openFile(filepath.Join(mountPoint(bystander), "log"))
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	once := func() error { return s.fsync(fd) }
	if err := errors.Join(once(), s.pool.sync()); err != nil {
		return err
	}
	switch op {
	case "fsync-plain":
		return s.beside(s.plain, shape, m, once)
	case "fsync-encrypted":
		return s.beside(s.encrypted, shape, m, once)
	}
	for range m.Reps {
		if err := m.Time(1, once); err != nil {
			return err
		}
	}
	return nil
}

func openFile(path string) (int, error) {
	fd, err := unix.Open(path, unix.O_WRONLY|unix.O_CREAT|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return -1, fmt.Errorf("open %s: %w", path, err)
	}
	return fd, nil
}

func (s *scenario) fsync(fd int) error {
	if _, err := unix.Pwrite(fd, s.data[:4<<10], 0); err != nil {
		return fmt.Errorf("write to the bystander: %w", err)
	}
	if err := unix.Fsync(fd); err != nil {
		return fmt.Errorf("fsync the bystander: %w", err)
	}
	return nil
}

// fewWriters are needed to keep what may wait to be written full: one waits for the pool itself most of the time.
const fewWriters = 8

// A sample of an fsync beside a writer is the 90th percentile of so many, or of fewer when fsyncTime is over, with a pause before
// each, so that it is about the time and not about how many fit into a quiet moment.
const (
	fsyncs, fewFsyncs = 20, 5
	fsyncPercent      = 90
	fsyncTime         = time.Second
	fsyncPause        = 10 * time.Millisecond
	warmUp            = 200 * time.Millisecond
)

// beside times them while a twin is written to by writers that have more to write than the pool takes. What waits to be written
// is limited for the pool as a whole (module/zfs/dsl_pool.c, dsl_pool_need_dirty_delay): at the limit every dataset waits.
func (s *scenario) beside(t *twin, shape shape, m *guest.Meter, once func() error) error {
	limit, restore, err := s.limitDirty()
	if err != nil {
		return err
	}
	defer restore()
	stop := t.flood(max(fewWriters, shape.Writers), limit)
	time.Sleep(warmUp)
	for range m.Reps {
		took, err := times(once)
		if err != nil {
			return errors.Join(err, stop())
		}
		m.Remark(fmt.Sprintf("of %d fsyncs: p%d %.3g ms, longest %.3g ms", len(took), fsyncPercent,
			float64(percentile(took, fsyncPercent))/1e6, float64(slices.Max(took))/1e6))
		m.Note(trial.Sample{Count: limit, WallNS: percentile(took, fsyncPercent)})
	}
	if err := stop(); err != nil {
		return err
	}
	return t.empty()
}

// times does something again and again, and returns how long each time took, in ns.
func times(do func() error) (took []int64, err error) {
	for begin := now(); len(took) < fewFsyncs || len(took) < fsyncs && now()-begin < int64(fsyncTime); {
		time.Sleep(fsyncPause)
		start := now()
		if err := do(); err != nil {
			return nil, err
		}
		took = append(took, now()-start)
	}
	return took, nil
}

// limitDirty lets less data wait to be written than the kernel would (a tenth of the memory), so that writers reach the limit
// soon. It returns the limit in MiB, and a function that gives the kernel its own back.
func (s *scenario) limitDirty() (limit int64, restore func(), err error) {
	path, err := parameter("zfs_dirty_data_max")
	if err != nil {
		return 0, nil, err
	}
	before := readText(path)
	if limit = int64(s.plan.Settings.Int("dirty")); limit > 0 {
		return limit, func() { _ = guest.WriteFile(path, before) }, guest.WriteFile(path, fmt.Sprint(limit*mib))
	}
	bytes, err := strconv.ParseInt(before, 10, 64)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: read zfs_dirty_data_max: %w", guest.ErrScenario, err)
	}
	return max(1, bytes/mib), func() {}, nil
}

// flood lets so many writers write until the function that it returns is called; that waits for them. They have several times as
// much to write as may wait: what is written over while it waits does not count again.
func (t *twin) flood(writers, limit int64) (stop func() error) {
	var wait sync.WaitGroup
	var enough atomic.Bool
	failed := make([]error, writers)
	for i := range failed {
		wait.Go(func() { failed[i] = t.pour(i, pourSize(writers, limit), &enough) })
	}
	return func() error {
		enough.Store(true)
		wait.Wait()
		return errors.Join(failed...)
	}
}

// pouredMiB is what all writers together may have in the pool at most, a third of it: a large limit must not fill it up.
const pouredMiB = 1024

// pourSize is the size in MiB of the file of one of so many writers.
func pourSize(writers, limit int64) int64 { return max(1, min(4*limit, pouredMiB)/writers) }

// pour is one of those writers, with a file of so many MiB that it writes again and again.
func (t *twin) pour(id int, size int64, enough *atomic.Bool) error {
	fd, err := openFile(filepath.Join(mountPoint(t.dataset), fmt.Sprintf("pour-%d", id)))
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	for i := int64(0); !enough.Load(); i = (i + 1) % size {
		if _, err := unix.Pwrite(fd, t.data, i*mib); err != nil {
			return fmt.Errorf("write to %s: %w", t.dataset, err)
		}
	}
	return nil
}

// percentile is the smallest value that so many percent of them are not above.
func percentile(values []int64, percent int) int64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(0, (len(sorted)*percent+99)/100-1)]
}
