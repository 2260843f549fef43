//go:build linux

package guest

import (
	"slices"

	"brink/internal/guest"
)

// move exports the pool and imports it again; one of the two is timed.
func (s *scenario) move(op string, shape shape, m *guest.Meter) error {
	timed := func(yes bool, do func() error) error {
		if yes {
			return m.Time(max(shape.Datasets, shape.Snapshots), do)
		}
		return do()
	}
	p := s.pool
	for range m.Reps {
		mounted := slices.Clone(p.mounted)
		for _, dataset := range mounted {
			if err := p.unmount(dataset); err != nil {
				return err
			}
		}
		config, err := p.control.Config(poolName)
		if err != nil {
			return err
		}
		if err := timed(op == "export", func() error { return p.control.ExportPool(poolName) }); err != nil {
			return err
		}
		if err := timed(op == "import", func() error { return p.control.ImportPool(poolName, config) }); err != nil {
			return err
		}
		if err := s.restore(shape, mounted); err != nil {
			return err
		}
	}
	return nil
}

// restore loads the keys again, which an export takes away, and mounts what was mounted.
func (s *scenario) restore(shape shape, mounted []string) error {
	c := s.pool.control
	if shape.Datasets > 0 {
		if err := c.LoadKey(heirs, s.key); err != nil {
			return err
		}
		for i := range shape.Datasets {
			if err := c.LoadKey(owner(i), s.key); err != nil {
				return err
			}
		}
	}
	if shape.Snapshots > 0 && slices.Contains(mounted, history) && s.plan.Settings["cipher"] != "off" {
		if err := c.LoadKey(history, s.key); err != nil {
			return err
		}
	}
	for _, dataset := range mounted {
		if err := s.pool.mount(dataset); err != nil {
			return err
		}
	}
	return nil
}
