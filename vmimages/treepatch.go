package vmimages

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// patched applies patches to tree, one after the other, and returns the id of what comes out. Nothing but the store is
// written to, and a patch applies as a whole or not at all. If one does not, the error is a *PatchError of ref.
func (s treeStore) patched(ctx context.Context, ref, tree string, patches []treePatch) (string, error) {
	if len(patches) == 0 {
		return tree, nil
	}
	tmp, err := os.MkdirTemp(s.dir, ".patch.")
	if err != nil {
		return "", fmt.Errorf("apply patches: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	index := filepath.Join(tmp, "index")
	if _, err := s.run(ctx, index, "", "read-tree", tree); err != nil {
		return "", fmt.Errorf("apply patches: %w", err)
	}
	for _, p := range patches {
		if err := s.apply(ctx, index, ref, p); err != nil {
			return "", err
		}
	}
	out, err := s.run(ctx, index, "", "write-tree")
	if err != nil {
		return "", fmt.Errorf("apply patches: %w", err)
	}
	return out, nil
}

// apply changes the index by one patch. What git says of a patch that does not apply becomes one line.
func (s treeStore) apply(ctx context.Context, index, ref string, p treePatch) error {
	text, err := os.ReadFile(p.file)
	if err != nil {
		return &RefError{ref, err.Error()}
	}
	said, err := s.run(ctx, index, "", applyArgs(p.file, p.reverse)...)
	if err == nil || ctx.Err() != nil || isDiskFull(err) {
		return err
	}
	reason := patchFailure(said, text, p.reverse)
	if _, err := s.run(ctx, index, "", append(applyArgs(p.file, !p.reverse), "--check")...); err != nil {
		return newPatchError(ref, p, reason+"; nothing was changed")
	}
	if p.reverse {
		return newPatchError(ref, p, reason+"; the tree does not have it, so there is nothing to take out")
	}
	return newPatchError(ref, p, reason+"; the tree has it already, add ,reverse to take it out")
}

func applyArgs(file string, reverse bool) []string {
	args := []string{"apply", "--cached", "--whitespace=nowarn"}
	if reverse {
		args = append(args, "--reverse")
	}
	return append(args, file)
}

var patchFailedPattern = regexp.MustCompile(`^error: patch failed: (.*):(\d+)$`)

// patchFailure is the first thing that git apply complains of. Of a hunk that does not fit, git gives the line, which
// is looked up in the patch for the hunk's number.
func patchFailure(said string, patch []byte, reverse bool) string {
	for _, line := range strings.Split(said, "\n") {
		line = strings.TrimSpace(line)
		if m := patchFailedPattern.FindStringSubmatch(line); m != nil {
			if n, of := hunkAt(patch, m[1], m[2], reverse); n > 0 {
				return fmt.Sprintf("hunk %d of %d in %s, for line %s, does not fit", n, of, m[1], m[2])
			}
			return fmt.Sprintf("the hunk for line %s of %s does not fit", m[2], m[1])
		}
		if problem, ok := strings.CutPrefix(line, "error: "); ok {
			return problem
		}
	}
	return tellingLine(said)
}

// hunkAt finds, among the hunks of a file, the one for a line: its number from 1, and how many there are.
func hunkAt(patch []byte, file, line string, reverse bool) (n, of int) {
	current := ""
	lines := bufio.NewScanner(bytes.NewReader(patch))
	lines.Buffer(nil, maxStanzaLine)
	for lines.Scan() {
		text := lines.Text()
		for _, head := range []string{"--- ", "+++ "} {
			if name, ok := strings.CutPrefix(text, head); ok {
				name, _, _ = strings.Cut(name, "\t")
				if _, below, ok := strings.Cut(name, "/"); ok && name != "/dev/null" {
					current = below
				}
			}
		}
		if !strings.HasPrefix(text, "@@ -") || current != file {
			continue
		}
		of++
		if startsAt(text, line, reverse) {
			n = of
		}
	}
	return n, of
}

// startsAt says whether a hunk's head "@@ -1,2 +3,4 @@" is for line, on the side that must be there already.
func startsAt(head, line string, reverse bool) bool {
	words := strings.Fields(head)
	side, sign := 1, "-"
	if reverse {
		side, sign = 2, "+"
	}
	if len(words) <= side {
		return false
	}
	start, _, _ := strings.Cut(strings.TrimPrefix(words[side], sign), ",")
	return start == line
}
