package vmimages

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
)

// scenarioNames are the modules of the kernel's own that a scenario needs: by name, those that the kernel happens to
// have, and those that its built modules lean on.
func scenarioNames(k Kernel, spec InitramfsSpec) ([]string, error) {
	names := slices.Clone(spec.Modules)
	if len(spec.Optional) > 0 && k.Modules != "" {
		index, err := readModuleIndex(k.Modules)
		if err != nil {
			return nil, err
		}
		for _, name := range spec.Optional {
			if _, ok := index.lookup(normalised(name)); ok {
				names = append(names, name)
			}
		}
	}
	needs, err := extraNeeds(k, spec.Extra)
	return append(names, needs...), err
}

// extraNeeds checks that built modules are for k, and returns what they need that is not among them.
func extraNeeds(k Kernel, extra []Module) ([]string, error) {
	var needs []string
	for _, m := range extra {
		if err := checkModuleRelease(m.Path, k.Release); err != nil {
			return nil, fmt.Errorf("add module %s: %w", m.Name, err)
		}
		data, err := m.Read(context.Background())
		if err != nil {
			return nil, fmt.Errorf("add module %s: %w", m.Name, err)
		}
		for _, name := range modinfoDepends(data) {
			if !slices.ContainsFunc(extra, func(e Module) bool { return e.Name == name }) {
				needs = append(needs, name)
			}
		}
	}
	return needs, nil
}

// modinfoDepends reads what modpost found a module to need: "depends=a,b" in its .modinfo section. depmod, which
// knows better, has not seen a built module.
func modinfoDepends(module []byte) []string {
	const key = "\x00depends="
	i := bytes.Index(module, []byte(key))
	if i < 0 {
		return nil
	}
	value, _, _ := bytes.Cut(module[i+len(key):], []byte{0})
	return strings.FieldsFunc(normalised(string(value)), func(r rune) bool { return r == ',' })
}

// License returns what a module says in MODULE_LICENSE, "" if nothing.
func License(module []byte) string {
	const key = "\x00license="
	i := bytes.Index(module, []byte(key))
	if i < 0 {
		return ""
	}
	value, _, _ := bytes.Cut(module[i+len(key):], []byte{0})
	return string(value)
}

// GPLCompatible reports whether a module of that license may be passed on together with a kernel: the list is the kernel's
// own (license_is_gpl_compatible, include/linux/license.h).
func GPLCompatible(license string) bool {
	return slices.Contains([]string{"GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"}, license)
}
