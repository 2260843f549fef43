// Command brink ramps state in a real kernel until it breaks. See README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"brink/internal/store"
	"brink/internal/wire"
	"brink/vmimages"
)

// The exit codes.
const (
	exitGood    = 0 // no failure found
	exitFound   = 1 // a failure was found
	exitUsage   = 2 // the command line is wrong
	exitHarness = 3 // brink could not do its job; says nothing about the kernel
)

// errFound makes a command exit with exitFound; its report has been written.
var errFound = errors.New("failure found")

// usageError is the user's to mend.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// app is what every command gets. Results go to out; progress and log to err.
type app struct {
	ctx     context.Context
	out     io.Writer
	err     io.Writer
	log     *slog.Logger
	results string
}

type cli struct {
	Results string `help:"Folder with the runs." default:"results/runs" env:"BRINK_RESULTS" type:"path"`
	Verbose bool   `short:"v" help:"Log what brink does."`

	Run      runCmd      `cmd:"" help:"Ramp a scenario on a kernel until it breaks."`
	Soak     soakCmd     `cmd:"" help:"Keep many VMs busy with different seeds: how often does it fail, and is another kernel better?"`
	Resume   resumeCmd   `cmd:"" help:"Go on with a run that was interrupted."`
	Show     showCmd     `cmd:"" help:"Print the report of a run."`
	Compare  compareCmd  `cmd:"" help:"Put two runs side by side: ratios with intervals, thresholds, findings; exit 1 if the second is worse."`
	Report   reportCmd   `cmd:"" help:"Write a run's report: a page, a mail to an upstream list, or a format for other programs."`
	Bundle   bundleCmd   `cmd:"" help:"Pack a reproducer of a run's failure that needs nothing but QEMU."`
	Replay   replayCmd   `cmd:"" help:"Check a bundle, repeat its failure, and compare with the original."`
	Explain  explainCmd  `cmd:"" help:"Say which change makes the failure of a run go away."`
	Bisect   bisectCmd   `cmd:"" help:"Find the kernel version or commit that brought a failure, or took it away."`
	Check    checkCmd    `cmd:"" help:"Ask one kernel a question, with the exit codes that git bisect run wants."`
	Minimise minimiseCmd `cmd:"" help:"Make the reproduction of a run's failure as small as it gets."`
	Plain    plainCmd    `cmd:"" help:"Print a shell script that shows the failure of a run without brink, and verify it in a VM."`
	List     listCmd     `cmd:"" help:"List the scenarios with their axes, ops and options."`
	Runs     runsCmd     `cmd:"" help:"List the runs there are."`
	Kernels  kernelsCmd  `cmd:"" help:"List kernels: the cached ones, or what the archive offers."`
	Image    imageCmd    `cmd:"" help:"Build what a guest needs beside its kernel: modules that brink may not pass on."`
	Doctor   doctorCmd   `cmd:"" help:"Say what this machine can do, and what to do about what is missing."`
	Version  versionCmd  `cmd:"" help:"Print the build."`
}

type versionCmd struct{}

func (versionCmd) Run(a *app) error {
	fmt.Fprintln(a.out, "brink", wire.Build)
	return nil
}

const description = `brink finds the state size at which a Linux kernel falls over the edge.

Exit codes: 0 no failure found, 1 failure found, 2 wrong usage, 3 brink itself failed (says nothing about the kernel).`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run parses a command line, runs the command, and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var c cli
	exited := -1
	parser, err := kong.New(&c, kong.Name("brink"), kong.Description(description), kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exited = code }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(stderr, "brink:", err)
		return exitHarness
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help was printed
		return exited
	}
	if err != nil {
		fmt.Fprintf(stderr, "brink: %v; see brink --help\n", err)
		return wrongUsage(args)
	}
	level := slog.LevelWarn
	if c.Verbose {
		level = slog.LevelDebug
	}
	a := &app{ctx: ctx, out: stdout, err: stderr, results: c.Results,
		log: slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level, ReplaceAttr: dropTime}))}
	return a.code(parsed.Run(a))
}

func dropTime(_ []string, attr slog.Attr) slog.Attr {
	if attr.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return attr
}

// code prints an error and turns it into the exit code.
func (a *app) code(err error) int {
	var usage usageError
	var ref *vmimages.RefError
	var missing *vmimages.MissingModuleError
	var misfit *vmimages.MisfitError
	switch {
	case err == nil:
		return exitGood
	case errors.Is(err, errFound):
		return exitFound
	}
	if coded := (codedError{}); errors.As(err, &coded) {
		return coded.say(a)
	}
	fmt.Fprintln(a.err, "brink:", err)
	if errors.As(err, &usage) || errors.As(err, &ref) || errors.As(err, &missing) || errors.As(err, &misfit) || errors.Is(err, store.ErrNoRun) {
		return exitUsage
	}
	return exitHarness
}
