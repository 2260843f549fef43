package vmimages

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeMakefile obeys the few targets that brink gives a kernel's Makefile. It compiles mm/*.c with the real compiler,
// says so in kbuild's manner, drops the options in the file "drop", and takes the image that lies in the tree.
const fakeMakefile = `ifdef M
modules:
	$(CC) -c -o $(M)/m.o $(M)/m.c && cp $(M)/m.o $(M)/m.ko
else
sources := $(wildcard mm/*.c)
objects := $(patsubst %.c,$(O)/%.o,$(sources))
allnoconfig:
	@grep -v -x -F -f drop $(KCONFIG_ALLCONFIG) > $(O)/.config
bzImage: $(objects)
	@mkdir -p $(O)/arch/x86/boot $(O)/include/generated
	@cp image $(O)/arch/x86/boot/bzImage
	@touch $(O)/include/generated/autoconf.h $(O)/Module.symvers
	@echo "  BUILD   arch/x86/boot/bzImage"
	@echo "local version $(LOCALVERSION), KCFLAGS $(origin KCFLAGS)"
$(O)/mm/%.o: mm/%.c
	@mkdir -p $(dir $@)
	@echo "  CC      mm/$*.o"
	@$(CC) -c -o $@ $(CURDIR)/$<
	@echo "source := $(CURDIR)/$<" > $(dir $@).$*.o.cmd
modules: bzImage
modules_install:
	@mkdir -p $(INSTALL_MOD_PATH)/lib/modules/6.1.0-test
	@touch $(INSTALL_MOD_PATH)/lib/modules/6.1.0-test/modules.order
	@echo kernel/drivers/net/wireguard/wireguard.ko > $(INSTALL_MOD_PATH)/lib/modules/6.1.0-test/modules.builtin
endif
`

// fakeTree writes a tree that passes for a kernel's.
func fakeTree(t testing.TB, dir string) {
	t.Helper()
	require.NoError(t, writeTree(dir, map[string][]byte{
		"Makefile": []byte(fakeMakefile), "Kconfig": nil, "Kbuild": nil, "arch/x86/Makefile": nil, "drop": []byte("CONFIG_NOTHING\n"),
		"image": fakeBzImage(pack(t, "gzip", fakeVMLinux(xenNotePhys32))), ".gitignore": []byte("*.o\nignored\n"),
		"include/linux/a.h": []byte("#define A 1\n"),
		"mm/a.c":            []byte("int a(void)\n{\n\treturn 1;\n}\n"), "mm/b.c": []byte("int b(void)\n{\n\treturn 2;\n}\n"),
	}))
}

// git runs git in dir and returns what it says.
func git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=x", "-c", "user.email=x@y"}, args...)...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return strings.TrimSpace(string(out))
}

// fakeRepository is a fake tree in a git repository, with one commit.
func fakeRepository(t testing.TB) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	fakeTree(t, dir)
	git(t, dir, "init", "--quiet")
	commit(t, dir, "first")
	return dir
}

func commit(t testing.TB, dir, message string) string {
	t.Helper()
	git(t, dir, "add", "--all")
	git(t, dir, "commit", "--quiet", "--allow-empty", "-m", message)
	return git(t, dir, "rev-parse", "HEAD")
}

// treeResolver resolves trees, and notes the steps of their builds.
func treeResolver(t testing.TB, a *fakeArchive) (r *Resolver, steps *[]string) {
	t.Helper()
	for _, tool := range []string{"git", "gcc", "make"} {
		if _, err := exec.LookPath(tool); err != nil {
			skipUnlessRequired(t.(*testing.T), err.Error())
		}
	}
	cache, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	r = fakeResolver(t, cache, a)
	r.tools = func(context.Context) error { return nil }
	steps = new([]string)
	r.Progress = func(done, _ int, what string) {
		if done > 0 {
			*steps = append(*steps, what)
		}
	}
	return r, steps
}

// contents is every file below dir with its time and hash, to be compared. The time of git's objects is left out: git
// renews it when somebody who borrows them has use for them, so that they are not collected.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		info, _ := d.Info()
		all[path] = shortHash(string(data))
		if !strings.Contains(path, "/.git/objects/") {
			all[path] += info.ModTime().String()
		}
		return err
	}))
	return all
}

func TestResolveGit(t *testing.T) {
	dir := fakeRepository(t)
	first := git(t, dir, "rev-parse", "HEAD")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "mm", "a.c"), []byte("int a(void) { return 3; }\n"), 0o644))
	second := commit(t, dir, "second")
	git(t, dir, "tag", "new")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "mm", "b.c"), []byte("this is not committed"), 0o644))
	before := contents(t, dir)
	r, steps := treeResolver(t, &fakeArchive{})

	k, err := r.Resolve(t.Context(), "git:"+dir+"@HEAD~1")
	require.NoError(t, err)
	assert.Equal(t, []string{"mm/a.o", "mm/b.o", "arch/x86/boot/bzImage"}, sorted(*steps))
	assert.Equal(t, "git:"+dir+"@"+first, k.Name)
	assert.Equal(t, "git:"+dir+"@HEAD~1", k.Ref)
	assert.Equal(t, "6.1.0-test", k.Release)
	assert.Empty(t, k.VMLinuxWhy)
	assert.FileExists(t, k.VMLinux)
	assert.Equal(t, first, k.Source.Commit)
	assert.Equal(t, git(t, dir, "rev-parse", first+"^{tree}"), k.Source.Tree)
	assert.NotEmpty(t, k.Source.Compiler)
	assert.False(t, k.Source.Dirty)
	config, err := os.ReadFile(k.Config)
	require.NoError(t, err)
	assert.Contains(t, string(config), "CONFIG_PVH=y")
	modules, err := ModuleClosure(k, []string{"wireguard"})
	require.NoError(t, err, "what is built in is there")
	assert.Empty(t, modules)

	*steps = nil
	later, err := r.Resolve(t.Context(), "git:"+dir+"@new")
	require.NoError(t, err)
	assert.Equal(t, []string{"mm/a.o", "arch/x86/boot/bzImage"}, *steps, "only what changed")
	assert.Equal(t, second, later.Source.Commit)

	*steps = nil
	again, err := r.Resolve(t.Context(), k.Name)
	require.NoError(t, err)
	assert.Empty(t, *steps, "built before")
	assert.Equal(t, k.Hash, again.Hash)
	assert.Equal(t, before, contents(t, dir), "the repository is as it was")

	withOption, err := r.Resolve(t.Context(), k.Name+",kasan")
	require.NoError(t, err)
	assert.Equal(t, []string{"kasan"}, withOption.Source.Options)
	config, err = os.ReadFile(withOption.Config)
	require.NoError(t, err)
	assert.Contains(t, string(config), "CONFIG_KASAN=y")
}

func sorted(names []string) []string {
	last := len(names) - 1
	slices.Sort(names[:last])
	return names
}

func TestResolveSource(t *testing.T) {
	dir := fakeRepository(t)
	r, steps := treeResolver(t, &fakeArchive{})
	clean, err := r.Resolve(t.Context(), "source:"+dir)
	require.NoError(t, err)
	assert.False(t, clean.Source.Dirty)
	*steps = nil
	same, err := r.Resolve(t.Context(), "git:"+dir+"@HEAD")
	require.NoError(t, err)
	assert.Equal(t, clean.Hash, same.Hash)
	assert.Empty(t, *steps, "the same tree by another name")
	assert.Equal(t, "git:"+dir+"@"+clean.Source.Commit, same.Name)

	require.NoError(t, writeTree(dir, map[string][]byte{
		"mm/new.c": []byte("int n;\n"), "mm/a.o": []byte("left by a build"), "include/config/auto.conf": nil, "ignored": nil,
	}))
	require.NoError(t, os.Remove(filepath.Join(dir, "mm", "b.c")))
	before := contents(t, dir)
	dirty, err := r.Resolve(t.Context(), "source:"+dir)
	require.NoError(t, err)
	assert.True(t, dirty.Source.Dirty)
	assert.Equal(t, clean.Source.Commit, dirty.Source.Commit)
	assert.NotEqual(t, clean.Source.Tree, dirty.Source.Tree)
	assert.Equal(t, []string{"mm/new.o", "arch/x86/boot/bzImage"}, *steps)
	assert.Equal(t, before, contents(t, dir))
	checkout := filepath.Join(r.cache.dir, "trees", shortHash("git", filepath.Join(dir, ".git"), ""), "src")
	assert.NoFileExists(t, filepath.Join(checkout, "mm", "b.c"))
	assert.NoFileExists(t, filepath.Join(checkout, "mm", "a.o"))
	assert.NoFileExists(t, filepath.Join(checkout, "ignored"))
}

// TestResolveFolder: a tree that is in no repository, and one in a repository that does not track it.
func TestResolveFolder(t *testing.T) {
	outer := fakeRepository(t)
	dir := filepath.Join(outer, "ignored")
	fakeTree(t, dir)
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("/*\n"), 0o644), "as Debian's")
	r, steps := treeResolver(t, &fakeArchive{})
	k, err := r.Resolve(t.Context(), "source:"+dir)
	require.NoError(t, err)
	assert.Empty(t, k.Source.Commit)
	assert.False(t, k.Source.Dirty)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "mm", "a.c"), []byte("int a;\n"), 0o644))
	*steps = nil
	_, err = r.Resolve(t.Context(), "source:"+dir)
	require.NoError(t, err)
	assert.Equal(t, []string{"mm/a.o", "arch/x86/boot/bzImage"}, *steps)

	require.NoError(t, writeTree(dir, map[string][]byte{"include/config/auto.conf": nil}))
	_, err = r.Resolve(t.Context(), "source:"+dir)
	require.ErrorContains(t, err, "run make mrproper")
}

// TestSubfolder: a kernel that is a folder of a larger repository.
func TestSubfolder(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	fakeTree(t, filepath.Join(dir, "os", "linux"))
	git(t, dir, "init", "--quiet")
	commit(t, dir, "all")
	r, steps := treeResolver(t, &fakeArchive{})
	k, err := r.Resolve(t.Context(), "git:"+dir+"/os/linux@HEAD")
	require.NoError(t, err)
	*steps = nil
	same, err := r.Resolve(t.Context(), "source:"+dir+"/os/linux")
	require.NoError(t, err)
	assert.Equal(t, k.Hash, same.Hash)
	assert.False(t, same.Source.Dirty)
	assert.Empty(t, *steps)
}
