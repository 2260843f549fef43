package vmimages

import (
	"bufio"
	"embed"
	"fmt"
	"os"
	"strings"
)

// fragments are parts of a kernel's config, one file for each need. A line is an option as in .config; one whose end is
// marked "# optional: why" may be lost, all others must not.
//
//go:embed fragments/*.config
var fragments embed.FS

// treeFragments are in every kernel: what the guest, the detectors and the scenarios need. They are all built in, so
// that one kernel serves every scenario and a scenario's modules count as there.
func treeFragments() []string {
	return []string{"base", "debug", "wireguard", "seeded", "bridge", "cgroup", "xfs"}
}

// TreeOptions are the fragments that a reference to a source tree may ask for, such as "git:PATH@REV,kasan,lockdep".
func TreeOptions() []string {
	return []string{"debugvm", "kasan", "kmemleak", "lockdep", "ubsan"}
}

// configLine is one option that is asked for.
type configLine struct {
	// symbol is CONFIG_X, text the line as it stands in .config.
	symbol, text string
	fragment     string
	optional     bool
}

// readFragments returns the lines of the named fragments. A later line for the same option takes the earlier's place.
func readFragments(names []string) ([]configLine, error) {
	var lines []configLine
	at := map[string]int{}
	for _, name := range names {
		data, err := fragments.ReadFile("fragments/" + name + ".config")
		if err != nil {
			return nil, fmt.Errorf("read config fragment: %w", err)
		}
		for _, text := range strings.Split(string(data), "\n") {
			line, ok := parseConfigLine(text)
			if !ok {
				continue
			}
			line.fragment = name
			if i, seen := at[line.symbol]; seen {
				lines[i] = line
				continue
			}
			at[line.symbol] = len(lines)
			lines = append(lines, line)
		}
	}
	return lines, nil
}

// parseConfigLine reads "CONFIG_X=y", "# CONFIG_X is not set", and either with a mark; false for anything else.
func parseConfigLine(text string) (configLine, bool) {
	text, _, optional := strings.Cut(strings.TrimSpace(text), " # optional")
	symbol, isOff := strings.CutSuffix(strings.TrimPrefix(text, "# "), " is not set")
	if !isOff {
		symbol, _, _ = strings.Cut(text, "=")
	}
	if !strings.HasPrefix(symbol, "CONFIG_") || strings.Contains(symbol, " ") {
		return configLine{}, false
	}
	return configLine{symbol: symbol, text: text, optional: optional}, true
}

// configText is what make allnoconfig is given as KCONFIG_ALLCONFIG (kernel documentation, kbuild/kconfig.rst).
func configText(lines []configLine) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.text + "\n")
	}
	return b.String()
}

// lostOptions returns the lines that did not survive in the .config file, the optional ones left out. Not being there
// is the same as not being set.
func lostOptions(file string, lines []configLine) ([]configLine, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read kernel config: %w", err)
	}
	defer func() { _ = f.Close() }()
	have := map[string]string{}
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, maxStanzaLine)
	for scan.Scan() {
		if line, ok := parseConfigLine(scan.Text()); ok {
			have[line.symbol] = line.text
		}
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("read kernel config: %w", err)
	}
	var lost []configLine
	for _, l := range lines {
		got, ok := have[l.symbol]
		if off := "# " + l.symbol + " is not set"; !ok {
			got = off
		}
		if got != l.text && !l.optional {
			lost = append(lost, l)
		}
	}
	return lost, nil
}

// lostProblem says which options a tree does not take.
func lostProblem(lost []configLine) string {
	var names []string
	for _, l := range lost {
		names = append(names, fmt.Sprintf("%s (fragment %s)", l.text, l.fragment))
	}
	return "the tree does not take " + strings.Join(names, ", ") +
		"; it is too old, too new, or lacks what these depend on"
}
