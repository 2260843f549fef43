package vmimages

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// treeBuild builds one tree in a build folder of its store. The lock on the store's source folder must be held.
type treeBuild struct {
	store treeStore
	// tree is the id of the git tree that is built, config what is asked of its options.
	tree   string
	config []configLine
	cc     compiler
	// dir is the build folder, name the kernel's name, for errors.
	dir, name string
	// tell hears of progress, and may be nil.
	tell func(done, total int, what string)
}

// treeState is what a build folder holds, in the file stateFile.
type treeState struct {
	// Tree is the tree of the last build that was done, Steps how many steps the largest one took.
	Tree  string `json:"tree"`
	Steps int    `json:"steps"`
}

const stateFile = "brink.json"

// fullSteps and linkSteps are what a build of 6.1 takes, as measured: all of it, and what follows on one changed object
// and another release.
const (
	fullSteps = 2000
	linkSteps = 54
)

// run checks the tree out, configures it, and makes the kernel and its modules. What is there from an earlier build is
// used again as far as it is still right.
func (b treeBuild) run(ctx context.Context) error {
	for _, p := range []string{b.store.src(), b.dir} {
		if strings.ContainsAny(p, " \t:,$#%*?[]()'\"\\=") {
			return fmt.Errorf("the kernel's Makefile cannot work in %s; set %s to a plain path without spaces", p, CacheEnv)
		}
	}
	b.say("checking out the source tree")
	if err := b.store.checkout(ctx, b.tree); err != nil {
		return err
	}
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return fmt.Errorf("make build folder: %w", err)
	}
	_ = os.Remove(b.log())
	if err := b.configure(ctx); err != nil {
		return err
	}
	state := b.state()
	steps, err := b.make(ctx, b.expected(ctx, state), "bzImage", "modules")
	if err != nil {
		return err
	}
	return b.keepState(treeState{Tree: b.tree, Steps: max(steps, state.Steps)})
}

// configure makes .config from the fragments and checks that the tree took them. An unchanged .config keeps its time,
// so that nothing is built anew for it.
func (b treeBuild) configure(ctx context.Context) error {
	b.say("configuring")
	wanted := filepath.Join(b.dir, "wanted.config")
	if err := os.WriteFile(wanted, []byte(configText(b.config)), 0o644); err != nil {
		return fmt.Errorf("configure kernel: %w", err)
	}
	quiet := b
	quiet.tell = nil
	if _, err := quiet.make(ctx, 0, "KCONFIG_ALLCONFIG="+wanted, "allnoconfig"); err != nil {
		return err
	}
	lost, err := lostOptions(filepath.Join(b.dir, ".config"), b.config)
	if err != nil {
		return err
	}
	if len(lost) > 0 {
		return &TreeBuildError{Kernel: b.name, Problem: lostProblem(lost)}
	}
	return nil
}

// make runs the tree's Makefile and returns how many steps it took. A failure of the build is a *TreeBuildError.
func (b treeBuild) make(ctx context.Context, expected int, targets ...string) (steps int, err error) {
	out := &makeOutput{total: expected, tell: b.tell, dir: b.dir}
	var said bytes.Buffer
	err = pipeToolHolding(ctx, b.store.held, cleanEnv(), nil, out, &said, b.cc.make, append(b.args(), targets...)...)
	b.keepLog(out.text.Bytes(), said.Bytes())
	switch {
	case err == nil:
		return out.done, nil
	case ctx.Err() != nil || errors.Is(err, errToolDiskFull):
		return 0, fmt.Errorf("build kernel %s: %w", b.name, err)
	}
	problem, below := firstComplaint(said.String(), b.store.src())
	return 0, &TreeBuildError{Kernel: b.name, Problem: problem, Context: below}
}

// log is the file that holds what make wrote for the last build.
func (b treeBuild) log() string { return filepath.Join(b.dir, "brink.log") }

// keepLog adds to the log. It is for a reader only, so that it cannot be written is no error.
func (b treeBuild) keepLog(texts ...[]byte) {
	f, err := os.OpenFile(b.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return
	}
	for _, text := range texts {
		_, _ = f.Write(text)
	}
	_ = f.Close()
}

// args are make's. As for modules, what could change the output from one host or time to another is fixed. The release
// ends in the tree's id, so that two trees' kernels are never mistaken for each other.
func (b treeBuild) args() []string {
	args := []string{
		"--no-print-directory", "-C", b.store.src(), "O=" + b.dir, "CC=" + b.cc.gcc, "HOSTCC=" + b.cc.gcc,
		fmt.Sprintf("-j%d", runtime.NumCPU()), "--output-sync=target", "LOCALVERSION=" + localVersion(b.tree),
		"KBUILD_BUILD_TIMESTAMP=1970-01-01", "KBUILD_BUILD_USER=brink", "KBUILD_BUILD_HOST=brink",
	}
	for _, name := range slices.Sorted(maps.Keys(b.cc.tools)) {
		args = append(args, name+"="+b.cc.tools[name])
	}
	return args
}

func localVersion(tree string) string { return "-brink-" + tree[:min(len(tree), 12)] }

// expected is how many steps the build will take, as far as can be told beforehand.
func (b treeBuild) expected(ctx context.Context, s treeState) int {
	if s.Tree == "" {
		return max(s.Steps, fullSteps)
	}
	changed, err := b.store.changed(ctx, s.Tree, b.tree)
	if err != nil {
		return max(s.Steps, fullSteps)
	}
	if len(changed) == 0 {
		return linkSteps
	}
	return usersOf(b.dir, b.store.src(), changed) + linkSteps
}

func (b treeBuild) state() treeState {
	var s treeState
	if data, err := os.ReadFile(filepath.Join(b.dir, stateFile)); err == nil {
		_ = json.Unmarshal(data, &s) // a damaged one only spoils the estimate
	}
	return s
}

func (b treeBuild) keepState(s treeState) error {
	data, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("keep the state of a build: %w", err)
	}
	if err := os.WriteFile(filepath.Join(b.dir, stateFile), append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("keep the state of a build: %w", err)
	}
	return nil
}

func (b treeBuild) say(what string) {
	if b.tell != nil {
		b.tell(0, 0, what)
	}
}
