package vmimages

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// moduleIndex is what the files of lib/modules/RELEASE say about a kernel's modules (modules.dep(5), depmod(8)). All
// names are normalised: with _ for -, without .ko.
type moduleIndex struct {
	files   map[string]string   // module → path below lib/modules/RELEASE
	needs   map[string][]string // module → modules it needs, the deepest last
	pre     map[string][]string // softdep pre
	post    map[string][]string // softdep post
	builtin map[string]bool     // built into the kernel, by module name or alias
	alias   map[string][]string // alias → modules, exact ones only
}

func readModuleIndex(dir string) (*moduleIndex, error) {
	x := &moduleIndex{
		files: map[string]string{}, needs: map[string][]string{}, pre: map[string][]string{}, post: map[string][]string{},
		builtin: map[string]bool{}, alias: map[string][]string{},
	}
	for _, f := range []struct {
		name     string
		required bool
		parse    func(io.Reader) error
	}{
		{"modules.dep", true, x.parseDep},
		{"modules.builtin", false, x.parseBuiltin},
		{"modules.softdep", false, x.parseSoftdep},
		{"modules.alias", false, x.parseAlias},
		{"modules.builtin.modinfo", false, x.parseBuiltinModinfo},
	} {
		data, err := os.ReadFile(filepath.Join(dir, f.name))
		if os.IsNotExist(err) && !f.required {
			continue
		}
		if err == nil {
			err = f.parse(bytes.NewReader(data))
		}
		if err != nil {
			return nil, fmt.Errorf("read module index: %s: %w; run depmod", f.name, err)
		}
	}
	return x, nil
}

// moduleName is the name that the kernel knows a module file by.
func moduleName(file string) string {
	name := path.Base(file)
	if i := strings.Index(name, ".ko"); i >= 0 {
		name = name[:i]
	}
	return strings.ReplaceAll(name, "-", "_")
}

func eachLine(r io.Reader, f func(line string)) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxStanzaLine)
	for lines.Scan() {
		f(lines.Text())
	}
	return lines.Err()
}

// parseDep reads "kernel/a.ko: kernel/b.ko kernel/c.ko".
func (x *moduleIndex) parseDep(r io.Reader) error {
	return eachLine(r, func(line string) {
		file, deps, ok := strings.Cut(line, ":")
		if !ok || !validModulePath(file) {
			return
		}
		name := moduleName(file)
		x.files[name] = file
		for _, dep := range strings.Fields(deps) {
			x.needs[name] = append(x.needs[name], moduleName(dep))
		}
	})
}

// validModulePath refuses what would lead out of the modules folder or break a line of the load order.
func validModulePath(p string) bool {
	return p != "" && !path.IsAbs(p) && path.Clean(p) == p && !strings.HasPrefix(p, "..") &&
		!strings.ContainsAny(p, "\x00\r")
}

// parseBuiltin reads "kernel/a.ko".
func (x *moduleIndex) parseBuiltin(r io.Reader) error {
	return eachLine(r, func(line string) {
		if line = strings.TrimSpace(line); line != "" {
			x.builtin[moduleName(line)] = true
		}
	})
}

// parseSoftdep reads "softdep NAME pre: A B post: C".
func (x *moduleIndex) parseSoftdep(r io.Reader) error {
	return eachLine(r, func(line string) {
		words := strings.Fields(line)
		if len(words) < 3 || words[0] != "softdep" {
			return
		}
		name, into := moduleName(words[1]), map[string][]string(nil)
		for _, w := range words[2:] {
			switch {
			case w == "pre:":
				into = x.pre
			case w == "post:":
				into = x.post
			case into != nil:
				into[name] = append(into[name], normalised(w))
			}
		}
	})
}

// parseAlias reads "alias PATTERN MODULE". Patterns with wildcards name devices, which nobody asks for by name.
func (x *moduleIndex) parseAlias(r io.Reader) error {
	return eachLine(r, func(line string) {
		words := strings.Fields(line)
		if len(words) != 3 || words[0] != "alias" || strings.ContainsAny(words[1], "*?[") {
			return
		}
		name := normalised(words[1])
		x.alias[name] = append(x.alias[name], normalised(words[2]))
	})
}

// parseBuiltinModinfo reads NUL-ended "MODULE.alias=NAME" fields.
func (x *moduleIndex) parseBuiltinModinfo(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	for _, field := range bytes.Split(data, []byte{0}) {
		key, value, ok := strings.Cut(string(field), "=")
		if ok && strings.HasSuffix(key, ".alias") && !strings.ContainsAny(value, "*?[") {
			x.builtin[normalised(value)] = true
		}
	}
	return nil
}

func normalised(name string) string { return strings.ReplaceAll(name, "-", "_") }
