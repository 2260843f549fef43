package main

import (
	"context"
	"errors"
	"fmt"

	"brink/vmimages"
)

// skipError says that the kernel could not be judged.
type skipError struct{ why string }

func (e skipError) Error() string { return e.why }

// The exit codes of check beside 0 and 1: what git bisect run makes of them is in git-bisect(1).
const (
	exitSkip       = 125
	exitNoCheck    = 128
	exitCheckUsage = 129 // as git's own
	exitCheckCut   = 130
)

// codedError makes the command exit with a code of its own.
type codedError struct {
	error
	code int
}

// forGit gives an error the exit code that git bisect run wants.
func forGit(a *app, err error) error {
	var usage usageError
	var ref *vmimages.RefError
	var skip skipError
	why, unusable := notUsable(err)
	switch {
	case err == nil || errors.Is(err, errFound):
		return err
	case errors.Is(err, context.Canceled), a.ctx != nil && a.ctx.Err() != nil:
		return codedError{errors.New("interrupted"), exitCheckCut}
	case errors.As(err, &skip):
		why, unusable = skip.why, true
	case unusable:
	case errors.As(err, &usage), errors.As(err, &ref):
		return codedError{err, exitCheckUsage}
	}
	if !unusable {
		return codedError{err, exitNoCheck}
	}
	fmt.Fprintf(a.out, "skip: %s\n", oneLine(why))
	return codedError{nil, exitSkip}
}

// say prints what is left to say, and returns the code.
func (e codedError) say(a *app) int {
	if e.error != nil {
		fmt.Fprintln(a.err, "brink:", e.error)
	}
	return e.code
}

// wrongUsage is the exit code of a command line that cannot be parsed: git bisect run must stop at one of check's.
func wrongUsage(args []string) int {
	for _, arg := range args {
		if arg == "check" {
			return exitCheckUsage
		}
	}
	return exitUsage
}
