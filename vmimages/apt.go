package vmimages

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// aptRoot is a private root of apt inside the cache: own sources, own lists, an empty dpkg status. It needs no root
// rights and leaves the host's apt alone, but heeds the host's apt.conf (proxy, authentication, time checks). apt
// verifies the archive's signature and every package's hash.
type aptRoot struct {
	dir     string
	sources []sourceSuite
	aptGet  string
	helper  string
	log     *slog.Logger
}

// errGone says that the index still names a package that the pool no longer has.
var errGone = errors.New("gone from the archive's pool")

// openAptRoot prepares a root for these mirrors. Each set of sources has its own folder, so that lists and addresses of
// different mirrors never mix.
func openAptRoot(c *Cache, m mirrors, log *slog.Logger) (*aptRoot, error) {
	keyring, err := findKeyring()
	if err != nil {
		return nil, err
	}
	a := &aptRoot{sources: sourceSuites(m), log: log}
	if a.aptGet, err = hostTool("apt-get", "apt"); err != nil {
		return nil, err
	}
	if a.helper, err = hostTool("apt-helper", "apt"); err != nil {
		return nil, err
	}
	var list strings.Builder
	for _, s := range a.sources {
		fmt.Fprintf(&list, "deb [arch=amd64 signed-by=%s] %s %s main contrib\n", keyring, s.mirror, s.name)
	}
	sum := sha256.Sum256([]byte(list.String()))
	a.dir = filepath.Join(c.dir, "apt", fmt.Sprintf("%x", sum[:4]))
	if err := os.MkdirAll(filepath.Join(a.dir, "lists", "partial"), 0o755); err != nil {
		return nil, c.explain(fmt.Errorf("make apt root: %w", err))
	}
	files := map[string]string{"apt.conf": a.config(), "sources.list": list.String(), "status": ""}
	for name, text := range files {
		if err := c.writeFile(filepath.Join(a.dir, name), []byte(text)); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func findKeyring() (string, error) {
	for _, suffix := range []string{".gpg", ".pgp", ".asc"} {
		path := "/usr/share/keyrings/debian-archive-keyring" + suffix
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", errors.New("find the archive's keyring: not installed; install the package debian-archive-keyring")
}

// config is read after the host's own apt.conf (apt.conf(5)), so it can clear the host's hooks. The sandbox user is set
// to root because _apt cannot enter a cache in a private home; for other users apt uses no sandbox anyway. The package
// cache is not built: it takes ten seconds and nothing here reads it.
func (a *aptRoot) config() string {
	const text = `Dir::State "DIR/";
Dir::State::Lists "DIR/lists/";
Dir::State::status "DIR/status";
Dir::Cache "DIR/";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Etc::sourcelist "DIR/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Log "DIR/";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear Acquire::IndexTargets::deb::DEP-11;
#clear Acquire::IndexTargets::deb::DEP-11-icons;
#clear Acquire::IndexTargets::deb::DEP-11-icons-small;
#clear Acquire::IndexTargets::deb::DEP-11-icons-large;
#clear Acquire::IndexTargets::deb::DEP-11-icons-hidpi;
#clear Acquire::IndexTargets::deb::DEP-11-icons-large-hidpi;
#clear Acquire::IndexTargets::deb::Contents-deb;
#clear Acquire::IndexTargets::deb::CNF;
Acquire::Languages "none";
Acquire::GzipIndexes "true";
Acquire::PDiffs "false";
Acquire::Retries "3";
Acquire::AllowInsecureRepositories "false";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "root";
pkgCacheFile::Generate "false";
`
	return strings.ReplaceAll(text, "DIR", a.dir)
}

func (a *aptRoot) conf() string { return filepath.Join(a.dir, "apt.conf") }

// update fetches the lists. A suite that cannot be had is logged; it is an error only when there is none at all.
// complete is false when apt had to use older lists because of a failed transfer.
func (a *aptRoot) update(ctx context.Context) (indexes []suiteIndex, complete bool, err error) {
	output, updateErr := runTool(ctx, a.aptGet, "-c", a.conf(), "-q", "update")
	if errors.Is(updateErr, errToolDiskFull) || ctx.Err() != nil {
		return nil, false, fmt.Errorf("update kernel lists: %w", updateErr)
	}
	for _, s := range a.sources {
		index, err := a.readSuite(ctx, s)
		if errors.Is(err, os.ErrNotExist) {
			a.log.Info("suite skipped", "suite", s.name, "why", whySkipped(output, s.name))
			continue
		}
		if err != nil {
			return nil, false, fmt.Errorf("update kernel lists: suite %s: %w", s.name, err)
		}
		indexes = append(indexes, index)
	}
	if len(indexes) == 0 {
		return nil, false, fmt.Errorf("update kernel lists: no suite could be had: %w", orNothing(updateErr))
	}
	complete = !strings.Contains(output, "W: Failed to fetch")
	if !complete {
		a.log.Warn("some kernel lists are old", "why", tellingLine(output))
	}
	return indexes, complete, nil
}

func orNothing(err error) error {
	if err == nil {
		return errors.New("apt said nothing; check the mirror with apt-get update")
	}
	return err
}

// whySkipped finds apt's complaint about a suite.
func whySkipped(output, suite string) string {
	for _, line := range strings.Split(output, "\n") {
		about := strings.Contains(line, " "+suite+" ") || strings.Contains(line, "/"+suite+"/")
		if about && (strings.HasPrefix(line, "E: ") || strings.HasPrefix(line, "W: ")) {
			return line
		}
	}
	return "the mirror gives it no package index; it may be empty"
}

// readSuite parses the lists of one suite. apt names a list after its address, so the end of the name is known.
func (a *aptRoot) readSuite(ctx context.Context, s sourceSuite) (suiteIndex, error) {
	stem := filepath.Join(a.dir, "lists", "*_dists_"+s.name+"_")
	lists, err := filepath.Glob(stem + "main_binary-amd64_Packages*")
	if err != nil || len(lists) == 0 {
		return suiteIndex{}, os.ErrNotExist
	}
	index := suiteIndex{suite: suiteInfo{Name: s.name}, mirror: s.mirror}
	if releases, _ := filepath.Glob(stem + "*Release"); len(releases) > 0 {
		f, err := os.Open(releases[0])
		if err != nil {
			return suiteIndex{}, err
		}
		index.suite.Alias = parseSuiteAlias(f)
		_ = f.Close()
	}
	if contrib, _ := filepath.Glob(stem + "contrib_binary-amd64_Packages*"); len(contrib) > 0 {
		lists = append(lists[:1], contrib[0])
	}
	for _, list := range lists {
		stanzas, err := a.readPackages(ctx, list)
		if err != nil {
			return index, err
		}
		index.stanzas = append(index.stanzas, stanzas...)
	}
	return index, nil
}

// readPackages parses one list, which apt unpacks whatever its compression.
func (a *aptRoot) readPackages(ctx context.Context, list string) ([]stanza, error) {
	pr, pw, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer func() { _ = pr.Close() }()
	done := make(chan error, 1)
	go func() {
		err := pipeTool(ctx, nil, pw, nil, a.helper, "-c", a.conf(), "cat-file", list)
		_ = pw.Close()
		done <- err
	}()
	stanzas, err := parsePackages(pr, keepForLadder)
	_ = pr.Close()
	if toolErr := <-done; err == nil {
		err = toolErr
	}
	return stanzas, err
}

// fetch downloads a package file to path and verifies its hash.
func (a *aptRoot) fetch(ctx context.Context, p Part, path string) error {
	output, err := runTool(ctx, a.helper, "-c", a.conf(), "download-file", p.URI, path, "SHA256:"+p.SHA256)
	if err == nil {
		return nil
	}
	if strings.Contains(output, "404  Not Found") || strings.Contains(output, "File not found") {
		return fmt.Errorf("fetch %s: %w", p.Package, errGone)
	}
	return fmt.Errorf("fetch %s: %w", p.Package, err)
}
