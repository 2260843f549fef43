//go:build linux

package guest

import (
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
	"brink/internal/trial"
	"brink/scenarios/zfs-crypt/guest/zfsctl"
)

// history is the dataset with the snapshots.
const history = poolName + "/history"

func snapshotName(i int64) string { return fmt.Sprintf("%s@s%05d", history, i) }

// makeSnapshots makes n snapshots of one dataset, each of which has a block of its own.
func (s *scenario) makeSnapshots(n int64, m *guest.Meter) error {
	if n == 0 {
		return nil
	}
	cipher, key := cipherOf(s.plan.Settings["cipher"]), s.key
	if cipher == zfsctl.Off {
		key = nil
	}
	if err := s.pool.create(history, cipher, key); err != nil {
		return err
	}
	for i := range n {
		if err := s.change(i); err != nil {
			return err
		}
		if err := s.pool.control.Snapshot(snapshotName(i)); err != nil {
			return err
		}
		if m != nil {
			m.Progress(i, n)
		}
	}
	return nil
}

// change writes 4 KiB, so that the snapshot after it differs from the one before.
func (s *scenario) change(i int64) error {
	fd, err := openFile(filepath.Join(mountPoint(history), "file"))
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if _, err := unix.Pwrite(fd, s.data[:4<<10], i%64*(4<<10)); err != nil {
		return fmt.Errorf("write to %s: %w", history, err)
	}
	return nil
}

// snaps does the ops on snapshots.
func (s *scenario) snaps(op string, shape shape, m *guest.Meter) error {
	if op == "snapshot-destroy" {
		return s.dropSnapshots(shape.Snapshots, m)
	}
	for range m.Reps {
		var err error
		if op == "snapshot" {
			err = s.snapshotOne(shape.Snapshots, m)
		} else {
			err = s.listSnapshots(shape.Snapshots, m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *scenario) snapshotOne(n int64, m *guest.Meter) error {
	if err := s.change(n); err != nil {
		return err
	}
	if err := m.Time(1, func() error { return s.pool.control.Snapshot(snapshotName(n)) }); err != nil {
		return err
	}
	return s.pool.control.DestroySnapshots([]string{snapshotName(n)})
}

func (s *scenario) listSnapshots(n int64, m *guest.Meter) error {
	return m.Time(n, func() error {
		names, err := s.pool.control.Snapshots(history)
		if err == nil && int64(len(names)) != n {
			err = fmt.Errorf("%w: %d snapshots are listed, not %d", guest.ErrScenario, len(names), n)
		}
		return err
	})
}

// dropSnapshots destroys all snapshots at once. Its sample is CPU time: the request waits for a sync of the pool, and so for the disks,
// whose time is the host's. The dataset goes, too, untimed.
func (s *scenario) dropSnapshots(n int64, m *guest.Meter) error {
	var names []string
	for i := range n {
		names = append(names, snapshotName(i))
	}
	if err := s.pool.sync(); err != nil {
		return err
	}
	before, err := poolTimes()
	if err != nil {
		return err
	}
	start := now()
	if err := s.pool.control.DestroySnapshots(names); err != nil {
		return err
	}
	took := now() - start
	after, err := poolTimes()
	if err != nil {
		return err
	}
	m.Note(trial.Sample{Count: n, WallNS: after.since(before)})
	m.Remark(fmt.Sprintf("the request took %.3g ms", float64(took)/1e6))
	return s.pool.destroy(history)
}
