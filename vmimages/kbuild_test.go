package vmimages

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWrapperScript runs a wrapped tool as kbuild does, through the link that headers have to their scripts, with a
// loader that shows what it was given.
func TestWrapperScript(t *testing.T) {
	root := t.TempDir()
	script := func(path, text string) {
		file := filepath.Join(root, path)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o755))
	}
	script("usr/lib/x/ld.so", "#!/bin/sh\nfor w do echo \"$w\"; done\n")
	script("usr/lib/linux-kbuild-6/scripts/mod/modpost", wrapperScript("modpost", "../../../../..", "usr/lib/x/ld.so"))
	headers := filepath.Join(root, "usr", "src", "headers")
	require.NoError(t, os.MkdirAll(headers, 0o755))
	require.NoError(t, os.Symlink("../../lib/linux-kbuild-6/scripts", filepath.Join(headers, "scripts")))

	cmd := exec.Command("scripts/mod/modpost", "-m", "a b")
	cmd.Dir = headers
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Equal(t, "--library-path\nscripts/mod/../../../../../usr/lib/x86_64-linux-gnu:"+
		"scripts/mod/../../../../../lib/x86_64-linux-gnu\n--argv0\nscripts/mod/modpost\n"+
		"scripts/mod/modpost.elf\n-m\na b\n", string(out))
}

// TestWrapTools wraps a real program with this host's loader in the place of libc6.
func TestWrapTools(t *testing.T) {
	loader, err := filepath.EvalSymlinks("/lib64/" + programLoader)
	if err != nil {
		skipUnlessRequired(t, "find the host's program loader: "+err.Error())
	}
	echo, err := findTool("echo")
	require.NoError(t, err)
	root := t.TempDir()
	tools := filepath.Join(root, "usr", "lib", "linux-kbuild-6", "tools")
	libraries := filepath.Join(root, "lib", "x86_64-linux-gnu")
	require.NoError(t, os.MkdirAll(tools, 0o755))
	require.NoError(t, os.MkdirAll(libraries, 0o755))
	require.ErrorContains(t, wrapTools(root), "find "+programLoader)
	require.NoError(t, copyFile(filepath.Join(libraries, programLoader), loader))
	require.NoError(t, os.Chmod(filepath.Join(libraries, programLoader), 0o755))
	require.NoError(t, copyFile(filepath.Join(tools, "echo"), echo))
	require.NoError(t, os.WriteFile(filepath.Join(tools, "script"), []byte("#!/bin/sh\n"), 0o755))
	require.NoError(t, wrapTools(root))
	require.NoError(t, wrapTools(root), "again changes nothing")

	text, err := os.ReadFile(filepath.Join(tools, "script"))
	require.NoError(t, err)
	assert.Equal(t, "#!/bin/sh\n", string(text))
	out, err := exec.Command(filepath.Join(tools, "echo"), "a  b").CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Equal(t, "a  b\n", string(out))
}

func TestRelocatedMakefile(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		skipUnlessRequired(t, "make is not installed")
	}
	src := filepath.Join(t.TempDir(), "src")
	require.NoError(t, os.MkdirAll(filepath.Join(src, "common"), 0o755))
	require.NoError(t, os.MkdirAll(filepath.Join(src, "abi"), 0o755))
	common := []byte("all:\n\t@echo $(KBUILD_OUTPUT)\n")
	require.NoError(t, os.WriteFile(filepath.Join(src, "common", "Makefile"), common, 0o644))
	text := relocatedMakefile([]byte("KBUILD_OUTPUT=/usr/src/abi\ninclude /usr/src/common/Makefile\n"))
	require.NoError(t, os.WriteFile(filepath.Join(src, "abi", "Makefile"), text, 0o644))
	cmd := exec.Command("make", "-s", "--no-print-directory", "-C", filepath.Join(src, "abi"))
	cmd.Env = cleanEnv()
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Equal(t, filepath.Join(src, "abi")+"\n", string(out))
}
