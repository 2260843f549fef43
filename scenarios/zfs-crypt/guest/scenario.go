//go:build linux

package guest

import (
	"fmt"

	"brink/internal/guest"
	"brink/internal/trial"
	zfscrypt "brink/scenarios/zfs-crypt"
	"brink/scenarios/zfs-crypt/guest/zfsctl"
)

// scenario is the state of one trial.
type scenario struct {
	plan trial.Plan
	pool *pool
	data []byte // what is written: nothing that compresses
	told bool   // the facts

	encrypted, plain *twin
	kept             kept
	key              []byte
}

// New makes the scenario for a plan: the pool, with what stands still in it.
func New(plan trial.Plan) (guest.Scenario, error) {
	control, err := zfsctl.Open()
	if err != nil {
		return nil, err
	}
	if impl := plan.Settings["impl"]; impl != "auto" {
		if err := chooseGCM(impl); err != nil {
			return nil, err
		}
	}
	s := &scenario{plan: plan}
	s.data, s.key = randomness(plan.Seed)
	if s.pool, err = makePool(control); err != nil {
		return nil, err
	}
	return s, s.makeStill()
}

// makeStill makes the datasets and snapshots that there are while something else is ramped.
func (s *scenario) makeStill() error {
	still := shapeAt(s.plan, 0)
	if err := s.makeDatasets(still.Datasets, nil); err != nil {
		return err
	}
	return s.makeSnapshots(still.Snapshots, nil)
}

// Do runs one op.
func (s *scenario) Do(op string, size int64, m *guest.Meter) error {
	if err := s.tell(m); err != nil {
		return err
	}
	if err := s.do(op, size, m); err != nil {
		return err
	}
	return s.pool.healthy()
}

func (s *scenario) do(op string, size int64, m *guest.Meter) error {
	shape := shapeAt(s.plan, size)
	switch op {
	case "make":
		return m.Time(1, func() error { return s.makeTwins(shape) })
	case "write-plain", "write-plain-cpu", "write", "write-cpu":
		return s.part(op, shape, m)
	case "txg-sync":
		return s.txgSync(m)
	case "fsync", "fsync-plain", "fsync-encrypted":
		return s.bystander(op, shape, m)
	case "dataset-create", "key-load", "key-load-inherited":
		return s.names(op, shape, m)
	case "snapshot", "snapshot-list", "snapshot-destroy":
		return s.snaps(op, shape, m)
	case "export", "import":
		return s.move(op, shape, m)
	case "load":
		return s.load(shape, m)
	case "clear":
		return m.Time(size, func() error { return s.clear(shape, m) })
	}
	return fmt.Errorf("%w: unknown op %s", guest.ErrScenario, op)
}

// load makes what the axis is about.
func (s *scenario) load(shape shape, m *guest.Meter) error {
	if s.plan.Axis == zfscrypt.Snapshots {
		return m.Time(shape.Snapshots, func() error { return s.makeSnapshots(shape.Snapshots, m) })
	}
	return m.Time(shape.Datasets, func() error { return s.makeDatasets(shape.Datasets, m) })
}

// clear removes it.
func (s *scenario) clear(shape shape, m *guest.Meter) error {
	if onData(s.plan.Axis) {
		return s.dropTwins()
	}
	return s.dropDatasets(shape.Datasets, m)
}
