package vmimages

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// treeKind says what a source tree is given as.
type treeKind string

const (
	treeGit    treeKind = "git"    // a commit of a git repository
	treeSource treeKind = "source" // a folder as it lies there
	treeDebian treeKind = "debian" // Debian's package of a release's source
)

// treeRef is a parsed reference to a source tree that a kernel is built from.
type treeRef struct {
	kind treeKind
	// where is PATH@REV, PATH, or what Debian is asked for.
	where string
	// options name the optional config fragments, sorted.
	options []string
	// patches are applied in this order.
	patches []treePatch
}

// treePatch is a patch file, to be applied or to be taken out.
type treePatch struct {
	file    string
	reverse bool
}

const treeForms = "git:PATH@REV, source:PATH, source:debian:VERSION or patch:BASE,FILE[,reverse], " +
	"each with optional config fragments after a comma"

// parseTreeRef reads what follows git:, source: or patch:. In patch: references the innermost base comes first, so they
// are taken apart from the right: options, ",reverse", the file, and the base.
func parseTreeRef(ref, kind, rest string) (*treeRef, error) {
	rest, options := cutOptions(rest)
	var t *treeRef
	var err error
	switch {
	case kind == "patch":
		t, err = parsePatchRef(ref, rest)
	case kind == "source" && strings.HasPrefix(rest, "debian:"):
		t = &treeRef{kind: treeDebian, where: strings.TrimPrefix(rest, "debian:")}
		if !whatPattern.MatchString(t.where) {
			return nil, &RefError{ref, fmt.Sprintf("%q is no version; use %s", t.where, treeForms)}
		}
	default:
		t = &treeRef{kind: treeKind(kind), where: rest}
		if rest == "" || t.kind == treeGit && !strings.Contains(rest, "@") {
			return nil, &RefError{ref, "no path or no revision; use " + treeForms}
		}
	}
	if err != nil {
		return nil, err
	}
	t.options = append(t.options, options...)
	slices.Sort(t.options)
	t.options = slices.Compact(t.options)
	return t, nil
}

func parsePatchRef(ref, rest string) (*treeRef, error) {
	rest, reverse := strings.CutSuffix(rest, ",reverse")
	i := strings.LastIndexByte(rest, ',')
	if i < 0 || rest[i+1:] == "" {
		return nil, &RefError{ref, "no patch file; use " + treeForms}
	}
	kind, base, _ := strings.Cut(rest[:i], ":")
	if !isTreeKind(kind) {
		return nil, &RefError{ref, fmt.Sprintf("%q is no source tree; use %s", rest[:i], treeForms)}
	}
	t, err := parseTreeRef(ref, kind, base)
	if err == nil {
		t.patches = append(t.patches, treePatch{file: rest[i+1:], reverse: reverse})
	}
	return t, err
}

func isTreeKind(kind string) bool {
	return kind == string(treeGit) || kind == string(treeSource) || kind == "patch"
}

// cutOptions takes the names of optional fragments off the end. Anything else stays, to be complained of as a path or
// a revision: both may hold commas.
func cutOptions(rest string) (string, []string) {
	var options []string
	for {
		i := strings.LastIndexByte(rest, ',')
		if i < 0 || !slices.Contains(TreeOptions(), rest[i+1:]) {
			return rest, options
		}
		rest, options = rest[:i], append(options, rest[i+1:])
	}
}

// splitRevision takes PATH@REV apart. Both may hold an @, so the first one after an existing folder counts.
func splitRevision(where string) (path, revision string, ok bool) {
	for i, c := range where {
		if c != '@' || i == 0 {
			continue
		}
		if info, err := os.Stat(where[:i]); err == nil && info.IsDir() {
			return where[:i], where[i+1:], true
		}
	}
	return "", "", false
}

// name is the reference that stands for exactly what where is: of a git: reference the full commit.
func (t treeRef) name(where string) string {
	name := where
	for _, p := range t.patches {
		name = "patch:" + name + "," + p.String()
	}
	for _, o := range t.options {
		name += "," + o
	}
	return name
}

// String is the patch as it stands in a reference.
func (p treePatch) String() string {
	if p.reverse {
		return p.file + ",reverse"
	}
	return p.file
}
