package vmimages

import (
	"fmt"
	"regexp"
	"strings"
)

// Flavour is one of Debian's two builds of each amd64 kernel.
type Flavour string

// The flavours. FlavourCloud is small and has the virtio drivers only; FlavourFull has all drivers (e1000, igb …).
const (
	FlavourCloud Flavour = "cloud-amd64"
	FlavourFull  Flavour = "amd64"
)

// RefError says that a kernel reference is wrong or names nothing: a usage error, not a fault of the harness.
type RefError struct {
	// Ref is the reference as it was given.
	Ref string
	// Problem is one line: what is wrong and what to do.
	Problem string
}

// Error implements error.
func (e *RefError) Error() string { return fmt.Sprintf("resolve kernel %q: %s", e.Ref, e.Problem) }

// PatchError says that a patch of a reference does not apply to its tree. It is a *RefError too.
type PatchError struct {
	RefError
	// Patch is the whole path of the patch, with ",reverse" if it was to be taken out.
	Patch string
	// Reason is one line: what does not fit, and whether the tree has the patch already, or does not have it.
	Reason string
}

// Unwrap implements errors.As for *RefError.
func (e *PatchError) Unwrap() error { return &e.RefError }

func newPatchError(ref string, p treePatch, reason string) *PatchError {
	problem := fmt.Sprintf("patch %s does not apply: %s", p, reason)
	return &PatchError{RefError: RefError{ref, problem}, Patch: p.String(), Reason: reason}
}

const refForms = "use debian:VERSION, debian:SUITE or debian:newest with an optional /amd64 or /cloud-amd64, " +
	"file:PATH[,modules=DIR], or " + treeForms

// reference is a parsed kernel reference: what and flavour of a package, or a file, or a source tree.
type reference struct {
	ref     string
	what    string // "newest", a suite, a version or an ABI
	flavour Flavour
	file    string
	modules string
	tree    *treeRef
}

// whatPattern is what Debian allows in versions and suite names (deb-version(7)).
var whatPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.+~:-]*$`)

func parseRef(ref string) (reference, error) {
	kind, rest, ok := strings.Cut(ref, ":")
	switch {
	case ok && kind == "debian":
		return parseDebianRef(ref, rest)
	case ok && kind == "file":
		return parseFileRef(ref, rest)
	case ok && isTreeKind(kind):
		t, err := parseTreeRef(ref, kind, rest)
		return reference{ref: ref, tree: t}, err
	}
	return reference{}, &RefError{ref, "unknown form; " + refForms}
}

func parseDebianRef(ref, rest string) (reference, error) {
	what, flavour, given := strings.Cut(rest, "/")
	r := reference{ref: ref, what: what, flavour: Flavour(flavour)}
	if !given {
		r.flavour = FlavourCloud
	}
	if r.flavour != FlavourCloud && r.flavour != FlavourFull {
		return reference{}, &RefError{ref, fmt.Sprintf("unknown flavour %q; use amd64 or cloud-amd64", flavour)}
	}
	if !whatPattern.MatchString(what) {
		return reference{}, &RefError{ref, fmt.Sprintf("%q is no version or suite; %s", what, refForms)}
	}
	return r, nil
}

func parseFileRef(ref, rest string) (reference, error) {
	r := reference{ref: ref, file: rest}
	if i := strings.LastIndex(rest, ",modules="); i >= 0 {
		r.file, r.modules = rest[:i], rest[i+len(",modules="):]
		if r.modules == "" {
			return reference{}, &RefError{ref, "modules= names no folder; leave it out for a kernel without modules"}
		}
	}
	if r.file == "" {
		return reference{}, &RefError{ref, "no path; " + refForms}
	}
	return r, nil
}
