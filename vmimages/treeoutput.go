package vmimages

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// TreeBuildError says that a source tree makes no kernel: its config does not fit, or it does not compile. It is the
// tree's fault, or the compiler's; to a bisection such a tree is one to skip.
type TreeBuildError struct {
	// Kernel is the name of the kernel that was to be built.
	Kernel string
	// Problem is one line: the compiler's first error with its file and line, or what is wrong with the config.
	Problem string
	// Context is what the compiler showed below it, at most three lines; "" if there is none.
	Context string
}

// Error implements error. It has several lines if there is a Context.
func (e *TreeBuildError) Error() string {
	text := fmt.Sprintf("build kernel %s: %s", e.Kernel, e.Problem)
	if e.Context != "" {
		text += "\n" + e.Context
	}
	return text
}

// contextLines is how many lines below the first error are shown.
const contextLines = 3

// errorPatterns are how the programs of a kernel build complain, in the order in which they are believed: gcc and as;
// ld; modpost; Kconfig; and make itself, which only repeats.
func errorPatterns() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`^[^ ].*:\d+: (fatal )?(error|Error): `),
		regexp.MustCompile(`undefined reference to|multiple definition of`),
		regexp.MustCompile(`^ERROR: |: error: |: fatal error: `),
		regexp.MustCompile(`:\d+: (syntax error|unknown statement|can't open file)`),
		regexp.MustCompile(`\*\*\* `),
	}
}

// firstComplaint picks the first complaint out of what make wrote, and the lines below it. Paths are made relative to src.
func firstComplaint(output, src string) (problem, context string) {
	lines := strings.Split(output, "\n")
	for _, pattern := range errorPatterns() {
		for i, line := range lines {
			if !pattern.MatchString(line) {
				continue
			}
			below := lines[i+1 : min(len(lines), i+1+contextLines)]
			text := strings.TrimRight(strings.Join(below, "\n"), "\n")
			return relativePaths(line, src), relativePaths(text, src)
		}
	}
	return "make failed: " + tellingLine(output), ""
}

func relativePaths(text, src string) string {
	return strings.NewReplacer(src+"/", "", "../src/", "").Replace(strings.TrimRight(text, "\r"))
}

// makeOutput keeps what make writes, and counts its steps: lines such as "  CC      mm/filemap.o".
type makeOutput struct {
	text    bytes.Buffer
	partial []byte
	done    int
	// total is how many steps are expected, 0 if that is not known. tell may be nil.
	total int
	tell  func(done, total int, what string)
	// dir is left off the names of what is built.
	dir string
}

var stepPattern = regexp.MustCompile(`^  [A-Z][A-Z0-9_]*( \[M\])? +(\S+)`)

// Write implements io.Writer.
func (o *makeOutput) Write(data []byte) (int, error) {
	o.text.Write(data)
	o.partial = append(o.partial, data...)
	for {
		i := bytes.IndexByte(o.partial, '\n')
		if i < 0 {
			return len(data), nil
		}
		if m := stepPattern.FindSubmatch(o.partial[:i]); m != nil {
			o.step(string(m[2]))
		}
		o.partial = o.partial[i+1:]
	}
}

func (o *makeOutput) step(what string) {
	o.done++
	if o.tell == nil {
		return
	}
	total := o.total
	if total > 0 {
		total = max(total, o.done)
	}
	o.tell(o.done, total, strings.TrimPrefix(what, o.dir+"/"))
}

// usersOf counts the objects in a build folder that were made from one of the files, which are relative to src: kbuild
// notes beside each object what went into it (scripts/basic/fixdep.c).
func usersOf(build, src string, files []string) int {
	changed := map[string]bool{}
	for _, f := range files {
		changed[f] = true
	}
	n := 0
	_ = filepath.WalkDir(build, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || !strings.HasSuffix(path, ".o.cmd") {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		for _, word := range strings.Fields(string(data)) {
			if changed[relativePaths(word, src)] {
				n++
				break
			}
		}
		return nil
	})
	return n
}
