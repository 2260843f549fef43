package formats

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"brink/internal/summary"
)

// The parts of KCIDB's schema 5.3 that brink fills in (kernelci/kcidb-io, kcidb_io/schema/v05_03.py).
type (
	kcidbReport struct {
		Version   kcidbVersion    `json:"version"`
		Checkouts []kcidbCheckout `json:"checkouts"`
		Builds    []kcidbBuild    `json:"builds"`
		Tests     []kcidbTest     `json:"tests"`
	}
	kcidbVersion struct {
		Major int `json:"major"`
		Minor int `json:"minor"`
	}
	kcidbCheckout struct {
		ID      string         `json:"id"`
		Origin  string         `json:"origin"`
		Comment string         `json:"comment"`
		Valid   bool           `json:"valid"`
		Misc    map[string]any `json:"misc"`
	}
	kcidbBuild struct {
		ID           string         `json:"id"`
		CheckoutID   string         `json:"checkout_id"`
		Origin       string         `json:"origin"`
		Architecture string         `json:"architecture"`
		Comment      string         `json:"comment"`
		Status       string         `json:"status"`
		Misc         map[string]any `json:"misc"`
	}
	kcidbTest struct {
		ID          string            `json:"id"`
		BuildID     string            `json:"build_id"`
		Origin      string            `json:"origin"`
		Path        string            `json:"path"`
		Status      string            `json:"status"`
		Comment     string            `json:"comment"`
		Number      *kcidbNumber      `json:"number,omitempty"`
		Log         string            `json:"log_excerpt,omitempty"`
		Start       time.Time         `json:"start_time,omitzero"`
		Duration    float64           `json:"duration,omitempty"` // seconds of the host
		Environment *kcidbEnvironment `json:"environment,omitempty"`
		Misc        map[string]any    `json:"misc"`
	}
	kcidbNumber struct {
		Value  float64 `json:"value"`
		Unit   string  `json:"unit"`
		Prefix string  `json:"prefix,omitempty"`
	}
	kcidbEnvironment struct {
		Comment string         `json:"comment"`
		Misc    map[string]any `json:"misc"`
	}
)

// Origin is who reports, in KCIDB, unless KCIDBFrom says otherwise.
const Origin = "brink"

// kcidbLog is how many characters of a log KCIDB takes.
const kcidbLog = 16384

// originForm is what KCIDB wants an origin to look like.
var originForm = regexp.MustCompile(`^[a-z0-9_]+$`)

// KCIDB writes runs as a report of the origin "brink", see KCIDBFrom.
func KCIDB(w io.Writer, runs ...summary.Summary) error { return KCIDBFrom(w, Origin, runs...) }

// KCIDBFrom writes runs as one KCIDB 5.3 report of the given origin, small letters, digits and _: the CI system that is
// registered with KernelCI. The kernel's version is the checkout, its image the build; tests are the scenario as a
// whole and, below its path, the ops, canaries, the kernel, and the safe and broken size as numbers. The number of an
// op is its median at the largest size at which it held. A test FAILs only by what the kernel did, being too slow
// included; faults of the harness are MISS or, once something was measured, ERROR. The same run always has the same
// IDs.
func KCIDBFrom(w io.Writer, origin string, runs ...summary.Summary) error {
	if !originForm.MatchString(origin) {
		return fmt.Errorf("write KCIDB: origin %q: use small letters, digits and _", origin)
	}
	report := kcidbReport{
		Version:   kcidbVersion{5, 3},
		Checkouts: []kcidbCheckout{},
		Builds:    []kcidbBuild{},
		Tests:     []kcidbTest{},
	}
	for _, s := range runs {
		report.add(kcidbRun{s, origin})
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(report)
}

// add takes a run in; several runs may be of one kernel.
func (r *kcidbReport) add(run kcidbRun) {
	checkout, build := run.checkout(), run.build()
	if !slices.ContainsFunc(r.Checkouts, func(c kcidbCheckout) bool { return c.ID == checkout.ID }) {
		r.Checkouts = append(r.Checkouts, checkout)
	}
	if !slices.ContainsFunc(r.Builds, func(b kcidbBuild) bool { return b.ID == build.ID }) {
		r.Builds = append(r.Builds, build)
	}
	r.Tests = append(r.Tests, run.tests()...)
}

// kcidbRun is a run as its origin reports it.
type kcidbRun struct {
	summary.Summary
	origin string
}

// id makes an ID of parts that are never empty; KCIDB forbids only NUL in it.
func (r kcidbRun) id(parts ...string) string {
	return r.origin + ":" + line(strings.Join(parts, "/"))
}

// checkoutID is that of the kernel's source: a package's version stands for it, of a kernel of one's own only the
// content does.
func (r kcidbRun) checkoutID() string {
	switch k := r.Kernel; {
	case k.Version != "":
		return r.id("linux", k.Version)
	case k.Hash != "":
		return r.id("linux", k.Release, k.Hash)
	}
	return r.id("linux", r.Kernel.Release)
}

func (r kcidbRun) buildID() string {
	if k := r.Kernel; k.Hash != "" {
		return r.id(k.Name, k.Hash)
	}
	return r.id(r.Kernel.Name)
}

func (r kcidbRun) checkout() kcidbCheckout {
	k := r.Kernel
	return kcidbCheckout{
		ID:      r.checkoutID(),
		Origin:  r.origin,
		Comment: line("Linux " + k.Release + " " + k.Version),
		Valid:   true,
		Misc:    map[string]any{"version": line(k.Version), "release": line(k.Release)},
	}
}

// build says PASS: what boots was built. brink boots nothing but x86_64.
func (r kcidbRun) build() kcidbBuild {
	k := r.Kernel
	return kcidbBuild{
		ID:           r.buildID(),
		CheckoutID:   r.checkoutID(),
		Origin:       r.origin,
		Architecture: "x86_64",
		Comment:      line(k.Name),
		Status:       "PASS",
		Misc:         map[string]any{"package": line(k.Package), "version": line(k.Version), "sha256": line(k.Hash)},
	}
}
