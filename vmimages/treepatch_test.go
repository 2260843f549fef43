package vmimages

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patchFile writes a patch beside nothing else and returns its path.
func patchFile(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "fix.patch")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	return file
}

const (
	patchA = "Subject: a\n---\n--- a/mm/a.c\n+++ b/mm/a.c\n@@ -1,4 +1,4 @@\n int a(void)\n {\n-\treturn 1;\n+\treturn 100;\n }\n"
	patchB = "diff --git a/mm/c.c b/mm/c.c\nnew file mode 100644\n--- /dev/null\n+++ b/mm/c.c\n@@ -0,0 +1 @@\n+int c;\n"
)

func TestResolvePatch(t *testing.T) {
	dir := fakeRepository(t)
	r, steps := treeResolver(t, &fakeArchive{})
	base, err := r.Resolve(t.Context(), "source:"+dir)
	require.NoError(t, err)
	a, b := patchFile(t, patchA), patchFile(t, patchB)

	*steps = nil
	ref := "patch:patch:git:" + dir + "@HEAD," + a + "," + b
	k, err := r.Resolve(t.Context(), ref)
	require.NoError(t, err)
	assert.Equal(t, []string{"mm/a.o", "mm/c.o", "arch/x86/boot/bzImage"}, sorted(*steps))
	assert.Equal(t, []string{a, b}, k.Source.Patches)
	assert.NotEqual(t, base.Source.Tree, k.Source.Tree)
	assert.Equal(t, base.Source.Commit, k.Source.Commit)
	assert.Equal(t, "patch:patch:git:"+dir+"@"+base.Source.Commit+","+a+","+b, k.Name)
	assert.False(t, k.Source.Dirty)

	*steps = nil
	k, err = r.Resolve(t.Context(), "patch:"+ref+","+a+",reverse")
	require.NoError(t, err)
	assert.Equal(t, []string{"mm/a.o", "arch/x86/boot/bzImage"}, *steps)
	assert.Equal(t, []string{a, b, a + ",reverse"}, k.Source.Patches)

	t.Chdir(filepath.Dir(a))
	relative, err := r.Resolve(t.Context(), "patch:git:"+dir+"@HEAD,"+filepath.Base(a))
	require.NoError(t, err)
	assert.Equal(t, []string{a}, relative.Source.Patches, "by its whole path on record")

	*steps = nil
	k, err = r.Resolve(t.Context(), "patch:patch:git:"+dir+"@HEAD,"+a+","+a+",reverse")
	require.NoError(t, err)
	assert.Equal(t, base.Source.Tree, k.Source.Tree, "there and back")
	assert.Empty(t, *steps)
}

func TestPatchDoesNotApply(t *testing.T) {
	dir := fakeRepository(t)
	r, steps := treeResolver(t, &fakeArchive{})
	two := "--- a/mm/b.c\n+++ b/mm/b.c\n@@ -1,4 +1,4 @@\n-int b(void)\n+int bb(void)\n {\n \treturn 2;\n }\n" +
		"@@ -7,2 +7,2 @@\n-not there\n+at all\n }\n"
	for text, want := range map[string]string{
		two: "hunk 2 of 2 in mm/b.c, for line 7, does not fit; nothing was changed",
		strings.ReplaceAll(patchA, "mm/a.c", "mm/none.c"): "mm/none.c: does not exist in index",
		"no patch at all\n":                            "No valid patches in input",
		strings.ReplaceAll(patchA, "return 1;", "hm;"): "hunk 1 of 1 in mm/a.c, for line 1, does not fit",
	} {
		file := patchFile(t, text)
		_, err := r.Resolve(t.Context(), "patch:source:"+dir+","+file)
		var refErr *RefError
		require.ErrorAs(t, err, &refErr)
		assert.ErrorContains(t, err, "patch "+file+" does not apply: "+want)
		assert.NotContains(t, err.Error(), "\n")
		var patchErr *PatchError
		require.ErrorAs(t, err, &patchErr)
		assert.Equal(t, file, patchErr.Patch)
		assert.Contains(t, patchErr.Reason, want)
		assert.Equal(t, refErr.Error(), patchErr.Error())
	}
	file := patchFile(t, patchA)
	_, err := r.Resolve(t.Context(), "patch:source:"+dir+","+file+",reverse")
	require.ErrorContains(t, err, "the tree does not have it, so there is nothing to take out")
	_, err = r.Resolve(t.Context(), "patch:patch:source:"+dir+","+file+","+file)
	require.ErrorContains(t, err, "the tree has it already, add ,reverse to take it out")
	assert.Empty(t, *steps)
	left, err := filepath.Glob(filepath.Join(r.cache.dir, "trees", "*", ".patch*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestHunkAt(t *testing.T) {
	patch := []byte("--- linux-6.1/a.c\t2026-01-01\n+++ linux/a.c\t2026-01-01\n@@ -1,2 +1,3 @@\n@@ -9 +10,2 @@ f()\n" +
		"--- /dev/null\n+++ b/b.c\n@@ -0,0 +1 @@\n")
	for _, test := range []struct {
		file, line string
		reverse    bool
		n, of      int
	}{
		{"a.c", "9", false, 2, 2}, {"a.c", "10", true, 2, 2}, {"a.c", "1", false, 1, 2}, {"b.c", "1", true, 1, 1},
		{"a.c", "5", false, 0, 2}, {"c.c", "1", false, 0, 0},
	} {
		n, of := hunkAt(patch, test.file, test.line, test.reverse)
		assert.Equal(t, []int{test.n, test.of}, []int{n, of}, "%+v", test)
	}
}
