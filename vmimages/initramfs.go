package vmimages

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The files in an initramfs that list modules in load order, one absolute path a line.
const (
	BootModulesFile     = "/etc/brink/modules.boot"
	ScenarioModulesFile = "/etc/brink/modules.scenario"
)

// initramfsFormat changes whenever the same spec would make other bytes.
const initramfsFormat = 2

// InitramfsSpec says what goes into an initramfs.
type InitramfsSpec struct {
	// Agent is the path of a static program that becomes /init.
	Agent string
	// Boot names the modules that are needed before the agent says hello, Modules those of the scenario. A module that
	// both need is listed for boot.
	Boot    []string
	Modules []string
	// Optional names modules that are loaded with the scenario's if the kernel has them.
	Optional []string
	// Extra are modules that were built for k (Resolver.BuildModule); they are loaded last, in this order, after what
	// they need of the kernel's own.
	Extra []Module
	// Tools are host ELF programs, by name or path; each becomes /bin/NAME, with its libraries.
	Tools []string
	// Files are more files by absolute path in the guest; programs among them are made executable.
	Files map[string][]byte
	// Bare leaves the kernel's own modules out; the lists name them still. Who boots it adds them (Contents).
	Bare bool
}

// Contents returns the modules of the kernel's own that an initramfs of spec holds, in load order.
func Contents(k Kernel, spec InitramfsSpec) ([]Module, error) {
	boot, scenario, err := splitClosure(k, spec)
	return slices.Concat(boot, scenario), err
}

// Initramfs makes an uncompressed initramfs for k and returns its path. The same content gives the same file, byte for
// byte, which is made once. An unknown module is a *MissingModuleError.
func (c *Cache) Initramfs(k Kernel, spec InitramfsSpec) (path string, err error) {
	p, err := planInitramfs(k, spec)
	if err != nil {
		return "", err
	}
	path = filepath.Join(c.dir, "initramfs", p.hash+".cpio")
	if _, err := os.Stat(path); err == nil {
		c.use(path, filepath.Dir(k.Image))
		return path, nil
	}
	if err := c.writeInitramfs(path, p); err != nil {
		return "", c.explain(fmt.Errorf("make initramfs: %w", err))
	}
	c.use(path, filepath.Dir(k.Image))
	return path, nil
}

// initramfsPlan is an initramfs before its modules are unpacked, and its hash.
type initramfsPlan struct {
	hash    string
	entries []cpioEntry
	modules []Module
}

func planInitramfs(k Kernel, spec InitramfsSpec) (initramfsPlan, error) {
	boot, scenario, err := splitClosure(k, spec)
	if err != nil {
		return initramfsPlan{}, err
	}
	p := initramfsPlan{}
	if !spec.Bare {
		p.modules = slices.Concat(boot, scenario)
	}
	if spec.Agent == "" {
		return initramfsPlan{}, errors.New("make initramfs: no agent given")
	}
	p.entries = skeleton()
	if err := p.addHostFile("/init", spec.Agent); err != nil {
		return initramfsPlan{}, fmt.Errorf("make initramfs: %w", err)
	}
	if err := p.addTools(spec.Tools); err != nil {
		return initramfsPlan{}, fmt.Errorf("make initramfs: %w", err)
	}
	for _, m := range spec.Extra {
		if err := p.addHostFile(m.GuestPath, m.Path); err != nil {
			return initramfsPlan{}, fmt.Errorf("add module %s: %w", m.Name, err)
		}
	}
	p.entries = append(p.entries, fileEntries(map[string][]byte{
		BootModulesFile: loadOrder(boot), ScenarioModulesFile: loadOrder(slices.Concat(scenario, spec.Extra)),
	})...)
	p.entries = append(p.entries, fileEntries(spec.Files)...)
	if p.entries, err = ordered(p.entries); err != nil {
		return initramfsPlan{}, err
	}
	p.hash = p.sum(k)
	return p, nil
}

// splitClosure returns the boot modules and what the scenario needs beyond them, each in load order.
func splitClosure(k Kernel, spec InitramfsSpec) (boot, scenario []Module, err error) {
	if boot, err = ModuleClosure(k, spec.Boot); err != nil {
		return nil, nil, err
	}
	names, err := scenarioNames(k, spec)
	if err != nil {
		return nil, nil, err
	}
	all, err := ModuleClosure(k, names)
	if err != nil {
		return nil, nil, err
	}
	have := map[string]bool{}
	for _, m := range boot {
		have[m.Name] = true
	}
	for _, m := range all {
		if !have[m.Name] {
			have[m.Name] = true
			scenario = append(scenario, m)
		}
	}
	return boot, scenario, nil
}

// skeleton is what every guest has: mount points, and the devices that the kernel and libc expect before /dev is
// mounted.
func skeleton() []cpioEntry {
	entries := []cpioEntry{
		{name: "dev/console", mode: typeChar | 0o600, major: 5, minor: 1},
		{name: "dev/null", mode: typeChar | 0o666, major: 1, minor: 3},
		{name: "tmp", mode: typeDir | 0o1777},
	}
	for _, dir := range []string{"bin", "dev", "etc", "proc", "run", "sys"} {
		entries = append(entries, cpioEntry{name: dir, mode: typeDir | 0o755})
	}
	return entries
}

func loadOrder(modules []Module) []byte {
	var b strings.Builder
	for _, m := range modules {
		b.WriteString(m.GuestPath + "\n")
	}
	return []byte(b.String())
}

func (p *initramfsPlan) addHostFile(guest, host string) error {
	data, err := os.ReadFile(host)
	if err != nil {
		return err
	}
	p.entries = append(p.entries, cpioEntry{name: guest[1:], mode: typeFile | 0o755, data: data})
	return nil
}

// addTools adds programs with their libraries. Two programs may share a library, but not want two files in one place.
func (p *initramfsPlan) addTools(tools []string) error {
	from := map[string]string{}
	for _, tool := range tools {
		files, err := toolClosure(tool)
		if err != nil {
			return err
		}
		for _, f := range files {
			host, ok := from[f.guest]
			if ok && host != f.host {
				return fmt.Errorf("add tool %s: %s and %s both want to be %s", tool, f.host, host, f.guest)
			}
			if ok {
				continue
			}
			from[f.guest] = f.host
			if err := p.addHostFile(f.guest, f.host); err != nil {
				return fmt.Errorf("add tool %s: %w", tool, err)
			}
		}
	}
	return nil
}

// sum hashes what the initramfs will hold. A module counts by its path and its kernel's hash, so that it need not be
// unpacked to find that all is cached.
func (p *initramfsPlan) sum(k Kernel) string {
	h := sha256.New()
	fmt.Fprintf(h, "initramfs %d\x00%s\x00", initramfsFormat, k.Hash)
	for _, m := range p.modules {
		fmt.Fprintf(h, "%s\x00%s\x00", m.GuestPath, m.Hash)
	}
	for _, e := range p.entries {
		e.sum(h)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:16])
}

func (e cpioEntry) sum(h hash.Hash) {
	fmt.Fprintf(h, "%s\x00%o\x00%d\x00%d\x00%d\x00", e.name, e.mode, e.major, e.minor, len(e.data))
	h.Write(e.data)
}

// writeInitramfs unpacks the modules and writes the archive by way of a temporary file. Two brinks may do so at once:
// they write the same bytes and the last rename wins.
func (c *Cache) writeInitramfs(path string, p initramfsPlan) error {
	entries := p.entries
	for _, m := range p.modules {
		data, err := m.Read(context.Background())
		if err != nil {
			return err
		}
		entries = append(entries, cpioEntry{name: m.GuestPath[1:], mode: typeFile | 0o644, data: data})
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".initramfs.*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	w := bufio.NewWriterSize(tmp, 1<<20)
	if err := firstError(writeArchive(w, entries), w.Flush(), tmp.Chmod(0o644), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
