package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"brink/internal/scenario"
	"brink/internal/trial"
)

// settled checks what the user set and returns the spec as it is with that. A scenario's other axes are options: they stand
// still while one is ramped.
func settled(spec scenario.Spec, axis string, set map[string]string) (scenario.Spec, scenario.Settings, error) {
	if value, ok := set[axis]; ok {
		return spec, nil, fmt.Errorf("%s is what is ramped here: leave --set %s=%s out, or ramp another axis with --axis", axis, axis, value)
	}
	settings, err := spec.Settings(set)
	return spec.On(axis, settings), settings, err
}

// refuse asks the scenario whether it can be done so. What it says is the user's to mend.
func refuse(spec scenario.Spec, head trial.Run, config string) error {
	if spec.Refuse == nil {
		return nil
	}
	s := scenario.Setup{Axis: head.Axis, Sizes: head.Sizes, Settings: head.Settings, MemoryMB: head.Machine.MemoryMB,
		Clock: string(head.Machine.Clock), Release: head.Kernel.Release}
	var err error
	if s.Config, err = readConfig(config); err != nil {
		return err
	}
	if err := spec.Refuse(s); err != nil {
		return usageError{err}
	}
	return nil
}

// unfit is refuse for one of several kernels that were asked for: what it says is why this one is left out. Empty: it fits.
func unfit(spec scenario.Spec, head trial.Run, config string) (why string, err error) {
	err = refuse(spec, head, config)
	if usage := (usageError{}); errors.As(err, &usage) {
		return usage.Error(), nil
	}
	return "", err
}

// readConfig reads a kernel's configuration, nil without a file.
func readConfig(path string) (map[string]string, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the kernel's configuration: %w", err)
	}
	defer f.Close()
	config := map[string]string{}
	scan := bufio.NewScanner(f)
	for scan.Scan() {
		if name, value, ok := strings.Cut(strings.TrimPrefix(scan.Text(), "CONFIG_"), "="); ok && !strings.HasPrefix(name, "#") {
			config[name] = strings.Trim(value, `"`)
		}
	}
	return config, scan.Err()
}
