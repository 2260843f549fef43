package vmimages

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// MissingPackagesError says that the host lacks programs or headers that kernels are built with.
type MissingPackagesError struct {
	// Missing is what was looked for, Packages the Debian packages that have it.
	Missing, Packages []string
}

// Error implements error.
func (e *MissingPackagesError) Error() string {
	return fmt.Sprintf("build a kernel: this host lacks %s; apt-get install %s", strings.Join(e.Missing, ", "),
		strings.Join(e.Packages, " "))
}

// need is a program that a kernel is built with, and its Debian package.
type need struct{ program, deb string }

func buildNeeds() []need {
	return []need{
		{"make", "make"}, {"gcc", "gcc"}, {"ld", "binutils"}, {"flex", "flex"}, {"bison", "bison"}, {"bc", "bc"},
		{"perl", "perl"}, {"gzip", "gzip"}, {"awk", "mawk"},
	}
}

// checkBuildTools looks for all that is needed before a build starts, so that what lacks is said at once. What signs
// modules (OpenSSL) is not among it: the fragments do not turn that on.
func checkBuildTools(ctx context.Context) error {
	e := &MissingPackagesError{}
	for _, n := range buildNeeds() {
		if _, err := exec.LookPath(n.program); err != nil {
			e.Missing, e.Packages = append(e.Missing, n.program), append(e.Packages, n.deb)
		}
	}
	if gcc, err := exec.LookPath("gcc"); err == nil && !hasHeader(ctx, gcc, "gelf.h") {
		e.Missing, e.Packages = append(e.Missing, "libelf (gelf.h)"), append(e.Packages, "libelf-dev")
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if len(e.Missing) > 0 {
		return e
	}
	return nil
}

// hasHeader says whether the compiler finds a header.
func hasHeader(ctx context.Context, gcc, header string) bool {
	program := strings.NewReader("#include <" + header + ">\n")
	return pipeTool(ctx, program, nil, nil, gcc, "-fsyntax-only", "-x", "c", "-") == nil
}
