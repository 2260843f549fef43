package page

import (
	"io/fs"
	"net/url"
	"path"
	"strings"
	"time"

	"brink/internal/judge"
	"brink/internal/summary"
)

func duration(ns int64) string { return judge.Duration(time.Duration(ns)) }

func mib(kb int64) string { return judge.Count(kb/1024) + " MiB" }

// plural joins a number and the noun that belongs to it.
func plural(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return judge.Count(int64(n)) + " " + more
}

// stateName is a point's state for a person.
func stateName(state string) string {
	switch state {
	case summary.OverBudget:
		return "over budget"
	case summary.Skipped:
		return "n/a"
	}
	return state
}

// link is a file of the run.
type link struct{ Name, Href string }

// linkTo leads to a file in the run's folder, relative to the page. A name that would lead elsewhere gets no address, and is
// shown as text.
func linkTo(parts ...string) link {
	name := path.Join(parts...)
	if !fs.ValidPath(name) || strings.ContainsAny(name, "\\\x00") || strings.Contains(strings.Join(parts, "/"), "..") {
		return link{Name: strings.Join(parts, "/")}
	}
	return link{Name: path.Base(name), Href: "./" + (&url.URL{Path: name}).EscapedPath()}
}

// shell is a command line for a POSIX shell.
func shell(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		if quoted[i] = a; a == "" || strings.ContainsFunc(a, special) {
			quoted[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

func special(r rune) bool {
	plain := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=,+@%", r)
	return !plain
}
