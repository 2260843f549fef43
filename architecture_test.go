// Package brink_test holds what docs and code have agreed on about the shape of the whole.
package brink_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// source is one Go file.
type source struct {
	path    string // from the module's root, with slashes
	dir     string
	test    bool
	lines   int
	imports []string
	file    *ast.File
}

func sources(t *testing.T) (all []source) {
	t.Helper()
	files := token.NewFileSet()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "runs") {
			return cmpErr(err, fs.SkipDir)
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(files, name, text, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return err
		}
		s := source{path: filepath.ToSlash(name), test: strings.HasSuffix(name, "_test.go"), lines: bytes.Count(text, []byte("\n")), file: f}
		s.dir = path.Dir(s.path)
		for _, i := range f.Imports {
			p, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, p)
		}
		all = append(all, s)
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, len(all), 50, "the module's files were found")
	return all
}

func cmpErr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// TestPureRooms: what decides knows no files, processes, sockets or VMs, and nothing of brink that does.
func TestPureRooms(t *testing.T) {
	pure := []string{"console", "growth", "judge", "bisect", "trial", "scenario", "threshold", "explain", "minimise", "plain", "question", "summary", "mail", "maintainers", "grid", "flood", "soak"}
	impure := []string{"os", "net", "os/exec", "os/signal", "syscall", "net/http", "io/ioutil", "golang.org/x/sys/unix", "unsafe", "embed"}
	checked := map[string]bool{}
	for _, s := range sources(t) {
		room, inside := strings.CutPrefix(s.dir, "internal/")
		if s.test || !inside || !slices.Contains(pure, room) {
			continue
		}
		checked[room] = true
		for _, i := range s.imports {
			assert.NotContains(t, impure, i, s.path)
			if other, ok := strings.CutPrefix(i, "brink/"); ok {
				assert.Contains(t, pure, strings.TrimPrefix(other, "internal/"), "%s imports %s, which is not pure", s.path, i)
			}
		}
	}
	assert.GreaterOrEqual(t, len(checked), 4, "rooms that exist")
}

// TestGuestCodeStaysInTheGuest: only the agent holds the code that mounts, loads modules and powers off.
func TestGuestCodeStaysInTheGuest(t *testing.T) {
	guest := func(dir string) bool {
		parts := strings.Split(dir, "/")
		scenario := len(parts) > 2 && parts[0] == "scenarios" && parts[2] == "guest" // or a folder in it
		return scenario || dir == "internal/guest"
	}
	uses := 0
	for _, s := range sources(t) {
		for _, i := range s.imports {
			dir, ours := strings.CutPrefix(i, "brink/")
			if !ours || !guest(dir) {
				continue
			}
			uses++
			assert.True(t, s.dir == "cmd/brink-agent" || guest(s.dir), "%s imports %s", s.path, i)
		}
	}
	assert.Positive(t, uses, "the agent does")
}

// TestOnlyCommandsPrint: elsewhere output is an io.Writer that somebody hands in. The agent's machinery is a program's.
func TestOnlyCommandsPrint(t *testing.T) {
	for _, s := range sources(t) {
		// internal/vmtest is part of the tests.
		if s.test || strings.HasPrefix(s.dir, "cmd/") || s.dir == "internal/guest" || s.dir == "internal/vmtest" {
			continue
		}
		assert.NotContains(t, s.imports, "log", s.path)
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if pkg, ok := n.X.(*ast.Ident); ok {
					name := pkg.Name + "." + n.Sel.Name
					assert.NotContains(t, []string{"fmt.Print", "fmt.Printf", "fmt.Println", "os.Stdout", "os.Stderr"}, name, s.path)
				}
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.Ident); ok {
					assert.NotContains(t, []string{"print", "println"}, f.Name, s.path)
				}
			}
			return true
		})
	}
}

// TestFilesStayReadable: past 400 lines a file is two.
func TestFilesStayReadable(t *testing.T) {
	for _, s := range sources(t) {
		assert.LessOrEqual(t, s.lines, 400, s.path)
	}
}

// TestEveryPackageSaysWhyItExists: the package comment.
func TestEveryPackageSaysWhyItExists(t *testing.T) {
	told := map[string]bool{}
	for _, s := range sources(t) {
		if !s.test {
			told[s.dir] = told[s.dir] || s.file.Doc != nil
		}
	}
	for dir, ok := range told {
		assert.True(t, ok, "%s has no package comment", dir)
	}
}
