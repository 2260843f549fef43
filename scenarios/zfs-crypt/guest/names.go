//go:build linux

package guest

import (
	"fmt"
	"sync"

	"brink/internal/guest"
	"brink/scenarios/zfs-crypt/guest/zfsctl"
)

// The datasets of the axis: those with a key of their own are encryption roots, the others inherit the key of one.
const (
	owners = poolName + "/own"
	heirs  = poolName + "/heirs"
	makers = 8 // requests at a time: each waits for the pool to sync
)

func owner(i int64) string { return fmt.Sprintf("%s/d%05d", owners, i) }
func heir(i int64) string  { return fmt.Sprintf("%s/d%05d", heirs, i) }

// cipher is that of datasets that must have a key.
func (s *scenario) cipher() zfsctl.Cipher {
	if c := cipherOf(s.plan.Settings["cipher"]); c != zfsctl.Off {
		return c
	}
	return zfsctl.AES256GCM
}

// makeDatasets makes n of each sort.
func (s *scenario) makeDatasets(n int64, m *guest.Meter) error {
	if n == 0 {
		return nil
	}
	c := s.pool.control
	if err := c.Create(owners, zfsctl.Inherit, nil); err != nil {
		return err
	}
	if err := c.Create(heirs, s.cipher(), s.key); err != nil {
		return err
	}
	return each(n, m, func(i int64) error {
		if err := c.Create(owner(i), s.cipher(), s.key); err != nil {
			return err
		}
		return c.Create(heir(i), zfsctl.Inherit, nil)
	})
}

// dropDatasets destroys them.
func (s *scenario) dropDatasets(n int64, m *guest.Meter) error {
	c := s.pool.control
	err := each(n, m, func(i int64) error {
		if err := c.Destroy(owner(i)); err != nil {
			return err
		}
		return c.Destroy(heir(i))
	})
	if err != nil {
		return err
	}
	if err := c.Destroy(heirs); err != nil {
		return err
	}
	return c.Destroy(owners)
}

// each does something for 0 to n-1, several at a time, so that they share the syncs they wait for.
func each(n int64, m *guest.Meter, do func(int64) error) error {
	var (
		wait   sync.WaitGroup
		lock   sync.Mutex
		next   int64
		failed error
	)
	for range makers {
		wait.Go(func() {
			for {
				lock.Lock()
				i := next
				next++
				stop := i >= n || failed != nil
				lock.Unlock()
				if stop {
					return
				}
				if m != nil {
					m.Progress(i, n)
				}
				if err := do(i); err != nil {
					lock.Lock()
					failed = err
					lock.Unlock()
				}
			}
		})
	}
	wait.Wait()
	return failed
}

// names does the ops on datasets and keys.
func (s *scenario) names(op string, shape shape, m *guest.Meter) error {
	for range m.Reps {
		var err error
		switch op {
		case "dataset-create":
			err = s.createOne(m)
		case "key-load":
			err = s.loadOwn(shape.Datasets, m)
		default:
			err = s.loadInherited(shape.Datasets, m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *scenario) createOne(m *guest.Meter) error {
	c, extra := s.pool.control, heirs+"/extra"
	if err := m.Time(1, func() error { return c.Create(extra, zfsctl.Inherit, nil) }); err != nil {
		return err
	}
	return c.Destroy(extra)
}

func (s *scenario) loadOwn(n int64, m *guest.Meter) error {
	c := s.pool.control
	for i := range n {
		if err := c.UnloadKey(owner(i)); err != nil {
			return err
		}
	}
	return m.Time(n, func() error {
		for i := range n {
			if err := c.LoadKey(owner(i), s.key); err != nil {
				return err
			}
			m.Progress(i, n)
		}
		return nil
	})
}

func (s *scenario) loadInherited(n int64, m *guest.Meter) error {
	c := s.pool.control
	if err := c.UnloadKey(heirs); err != nil {
		return err
	}
	return m.Time(n, func() error { return c.LoadKey(heirs, s.key) })
}
