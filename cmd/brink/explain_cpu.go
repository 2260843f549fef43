package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"brink/internal/qemu"
)

// askQEMU bounds how long QEMU may take to say what a CPU has; it takes a fraction of a second.
const askQEMU = 30 * time.Second

// featuresOf asks QEMU which features a CPU has on this machine, by their names; those that it knows and the CPU lacks are false.
func featuresOf(ctx context.Context, c qemu.Config, cpu string) (map[string]bool, error) {
	ctx, stop := context.WithTimeout(ctx, askQEMU)
	defer stop()
	script, err := expansion(cpu)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, c.Binary, "-nodefaults", "-display", "none", "-machine", "none", "-accel", string(c.Accel), "-S", "-qmp", "stdio")
	cmd.Stdin = bytes.NewReader(script)
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("ask QEMU what CPU %s has: %w", cpu, err)
	}
	has, err := parseExpansion(text)
	if err != nil {
		return nil, fmt.Errorf("ask QEMU what CPU %s has: %w", cpu, err)
	}
	return has, nil
}

// expansion is what is said to QEMU's monitor (docs/interop/qmp-spec, query-cpu-model-expansion).
func expansion(cpu string) ([]byte, error) {
	model, terms, _ := strings.Cut(cpu, ",")
	props := map[string]bool{}
	for term := range strings.SplitSeq(terms, ",") {
		switch name, value, set := strings.Cut(term, "="); {
		case strings.HasPrefix(term, "-"):
			props[term[1:]] = false
		case strings.HasPrefix(term, "+"):
			props[term[1:]] = true
		case set && (value == "on" || value == "off"):
			props[name] = value == "on"
		}
	}
	var script []byte
	for _, command := range []any{
		map[string]any{"execute": "qmp_capabilities"},
		map[string]any{"execute": "query-cpu-model-expansion", "arguments": map[string]any{
			"type": "full", "model": map[string]any{"name": model, "props": props}}},
		map[string]any{"execute": "quit"},
	} {
		line, err := json.Marshal(command)
		if err != nil {
			return nil, err
		}
		script = append(append(script, line...), '\n')
	}
	return script, nil
}

// parseExpansion reads QEMU's answers, a JSON document a line.
func parseExpansion(text []byte) (map[string]bool, error) {
	for line := range bytes.Lines(text) {
		var answer struct {
			Error  *struct{ Desc string }
			Return struct {
				Model struct{ Props map[string]any }
			}
		}
		if err := json.Unmarshal(line, &answer); err != nil {
			return nil, fmt.Errorf("parse QEMU's answer: %w", err)
		}
		if answer.Error != nil {
			return nil, fmt.Errorf("it says %s", answer.Error.Desc)
		}
		has := map[string]bool{}
		for name, value := range answer.Return.Model.Props {
			if on, ok := value.(bool); ok {
				has[name] = on
			}
		}
		if len(has) > 0 {
			return has, nil
		}
	}
	return nil, fmt.Errorf("it names no feature")
}
