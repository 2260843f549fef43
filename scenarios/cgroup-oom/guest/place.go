//go:build linux

package guest

import (
	"fmt"

	"brink/internal/guest"
	"brink/scenarios/cgroup-oom/guest/groups"
)

// The cgroups. The limit is the parent's, as that of a pod is: the kernel then looks through all cgroups below it.
const (
	parentPath  = "/brink"
	servicePath = "/brink/service"
	forkPath    = "/brink/fork"
	deepPath    = "/brink/deep"
)

// deep is how many cgroups lie above the one of the op fork-deep.
const deep = 64

// place is where the service lives.
type place struct {
	groups  *groups.Groups
	parent  *groups.Group
	service *groups.Group
	forker  string // program of groups.ForkIn
	gone    int    // so many dying cgroups were left once, and the kernel did not keep them
}

func newPlace(version groups.Version) (*place, error) {
	g, err := groups.Mount(version)
	if err != nil {
		return nil, err
	}
	p := &place{groups: g}
	if p.parent, err = g.Make(parentPath); err != nil {
		return nil, err
	}
	if p.service, err = g.Make(servicePath); err != nil {
		return nil, err
	}
	if p.forker, err = g.InstallForker(); err != nil {
		return nil, err
	}
	return p, groups.QuietDrops()
}

// have brings the cgroups beside the service to the numbers that are asked for.
func (p *place) have(s shape, m *guest.Meter) error {
	total := int64(s.Cgroups + s.Dying)
	if err := p.groups.Siblings(p.parent, s.Cgroups, func(done int) { m.Progress(int64(done), total) }); err != nil {
		return err
	}
	if s.Dying == 0 || s.Dying == p.gone {
		return nil
	}
	there, err := p.groups.DyingCount()
	if err != nil {
		return err
	}
	if there < 0 || int64(s.Dying) <= there {
		return nil
	}
	kept, err := p.groups.Dying(p.parent, s.Dying-int(there), func(done int) { m.Progress(int64(s.Cgroups+done), total) })
	if err == nil && kept < int64(s.Dying)/2 { // 7.x hands their memory to the parent: to leave them again is no use
		p.gone = s.Dying
	}
	return err
}

// removeSiblings removes the empty cgroups beside the service.
func (p *place) removeSiblings() error { return p.groups.Siblings(p.parent, 0, nil) }

// with does something in a cgroup of its own, depth cgroups below path, and removes it.
func (p *place) with(path string, depth int, do func(*groups.Group) error) error {
	top, err := p.groups.Make(path)
	if err != nil {
		return err
	}
	at, err := top.Chain(depth)
	if err != nil {
		return err
	}
	if err := do(at); err != nil {
		return err
	}
	if err := top.RemoveAll(); err != nil {
		return fmt.Errorf("%w: %w", guest.ErrScenario, err)
	}
	return nil
}
