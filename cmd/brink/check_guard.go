package main

import (
	"fmt"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// guarded runs what check does so that the two ways in which Go's runtime ends a program with exit code 2, which git
// bisect run takes for bad, become codes at which it stops: a panic, and SIGQUIT.
func guarded(a *app, check func(*app) error) (err error) {
	ctx, stop := signal.NotifyContext(a.ctx, syscall.SIGQUIT)
	defer stop()
	defer func() {
		if p := recover(); p != nil {
			err = codedError{fmt.Errorf("panic, which is a fault of brink's: %v\n%s", p, debug.Stack()), exitNoCheck}
		}
	}()
	inner := *a
	inner.ctx = ctx
	return forGit(&inner, check(&inner))
}
