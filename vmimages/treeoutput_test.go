package vmimages

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFirstComplaint(t *testing.T) {
	for name, test := range map[string]struct{ output, problem, context string }{
		"gcc": {
			"In file included from /t/src/mm/filemap.c:12:\n" +
				"/t/src/include/a.h:3:9: warning: odd\n" +
				"../src/mm/filemap.c: In function 'f':\n" +
				"/t/src/mm/filemap.c:849:2: error: 'x' undeclared\n  849 |  x;\n      |  ^\n" +
				"/t/src/mm/filemap.c:849:2: note: each\nmake[2]: *** [mm/filemap.o] Error 1\n",
			"mm/filemap.c:849:2: error: 'x' undeclared",
			"  849 |  x;\n      |  ^\nmm/filemap.c:849:2: note: each",
		},
		"header": {
			"/t/src/a.c:1:10: fatal error: no.h: No such file\nmake: *** [x] Error 1\n",
			"a.c:1:10: fatal error: no.h: No such file", "make: *** [x] Error 1",
		},
		"linker": {
			"ld: mm/a.o: in function `f':\na.c:(.text+0x1): undefined reference to `g'\nmake: *** [vmlinux] Error 1",
			"a.c:(.text+0x1): undefined reference to `g'", "make: *** [vmlinux] Error 1",
		},
		"modpost": {"ERROR: modpost: \"g\" [m.ko] undefined!\n", "ERROR: modpost: \"g\" [m.ko] undefined!", ""},
		"kconfig": {"mm/Kconfig:3: syntax error\nmake: *** [Makefile:1: x] Error 1\n", "mm/Kconfig:3: syntax error", "make: *** [Makefile:1: x] Error 1"},
		"make":    {"make: *** No rule to make target 'allnoconfig'.  Stop.\n", "make: *** No rule to make target 'allnoconfig'.  Stop.", ""},
		"else":    {"killed\n", "make failed: killed", ""},
	} {
		problem, context := firstComplaint(test.output, "/t/src")
		assert.Equal(t, test.problem, problem, name)
		assert.Equal(t, test.context, context, name)
	}
}

func TestMakeOutput(t *testing.T) {
	var heard []string
	o := &makeOutput{total: 2, dir: "/t/build", tell: func(done, total int, what string) {
		heard = append(heard, fmt.Sprintf("%d/%d %s", done, total, what))
	}}
	for _, part := range []string{"  CC      mm/a.o\n  C", "C [M]  fs/xfs/b.o\nmake: hm\n", "  BTF [M] /t/build/x.ko\n"} {
		n, err := o.Write([]byte(part))
		require.NoError(t, err)
		assert.Equal(t, len(part), n)
	}
	assert.Equal(t, []string{"1/2 mm/a.o", "2/2 fs/xfs/b.o", "3/3 x.ko"}, heard)
	assert.Equal(t, 3, o.done)
	assert.Contains(t, o.text.String(), "make: hm")
}

func TestUsersOf(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, writeTree(dir, map[string][]byte{
		"mm/.a.o.cmd":  []byte("source_mm/a.o := /t/src/mm/a.c\ndeps_mm/a.o := \\\n  /t/src/include/x.h \\\n"),
		"mm/.b.o.cmd":  []byte("source_mm/b.o := /t/src/mm/b.c\ndeps_mm/b.o := \\\n  /t/src/include/x.h \\\n  include/generated/y.h\n"),
		"mm/.ab.h.cmd": []byte("source := /t/src/mm/a.c"),
	}))
	assert.Equal(t, 1, usersOf(dir, "/t/src", []string{"mm/a.c"}))
	assert.Equal(t, 2, usersOf(dir, "/t/src", []string{"mm/a.c", "include/x.h"}))
	assert.Zero(t, usersOf(dir, "/t/src", []string{"mm/a", "README"}))
}
