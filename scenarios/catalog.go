// Package scenarios is the explicit list of what brink can ramp. See README.md for how to add one.
package scenarios

import (
	"fmt"
	"strings"

	"brink/internal/scenario"
	cgroupoom "brink/scenarios/cgroup-oom"
	"brink/scenarios/pagecache"
	"brink/scenarios/promisc"
	"brink/scenarios/seeded"
	"brink/scenarios/wireguard"
	zfscrypt "brink/scenarios/zfs-crypt"
)

// All returns every scenario.
func All() []scenario.Spec {
	return []scenario.Spec{
		wireguard.Spec(),
		cgroupoom.Spec(),
		promisc.Spec(),
		pagecache.Spec(),
		zfscrypt.Spec(),
		seeded.Spec(),
	}
}

// On returns the scenario of that name as it is on one of its axes with the given settings (scenario.Spec.On).
func On(name, axis string, settings scenario.Settings) (scenario.Spec, error) {
	s, err := Find(name)
	if err != nil {
		return s, err
	}
	return s.On(axis, settings), nil
}

// Find returns the scenario of that name.
func Find(name string) (scenario.Spec, error) {
	var names []string
	for _, s := range All() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return scenario.Spec{}, fmt.Errorf("unknown scenario %q: there is %s; `brink list` shows them", name, strings.Join(names, ", "))
}
