package vmimages

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// MissingToolError says that the host lacks a program that modules are built with.
type MissingToolError struct {
	// Tool is the program.
	Tool string
}

// Error implements error.
func (e *MissingToolError) Error() string {
	return fmt.Sprintf("find %s: not installed; install gcc and make (`make setup`)", e.Tool)
}

// compiler is the host's compiler with the programs around it.
type compiler struct {
	// tools are the programs by the variable that the kernel's Makefile knows them by, CC and make itself left out.
	tools map[string]string
	make  string
	gcc   string
	// version tells compilers apart whose output may differ.
	version string
	// standIns are options of newer compilers and what this one is given instead.
	standIns map[string]string
}

// newerOptions are what kernels configured for newer compilers demand without asking, each with what comes nearest in
// older ones. -fmin-function-alignment (gcc 14) also aligns cold functions, which matters to live patching only.
func newerOptions() map[string]string {
	return map[string]string{"-fmin-function-alignment": "-falign-functions"}
}

// findCompiler looks for the host's compiler and tries which options it refuses.
func findCompiler(ctx context.Context) (compiler, error) {
	c := compiler{tools: map[string]string{}, standIns: map[string]string{}}
	for name, tool := range map[string]string{
		"make": "make", "CC": "gcc", "LD": "ld", "AR": "ar", "NM": "nm", "STRIP": "strip", "OBJCOPY": "objcopy",
		"OBJDUMP": "objdump", "READELF": "readelf",
	} {
		path, err := exec.LookPath(tool)
		if err != nil {
			return compiler{}, &MissingToolError{tool}
		}
		c.tools[name] = path
	}
	c.make, c.gcc = c.tools["make"], c.tools["CC"]
	delete(c.tools, "make")
	delete(c.tools, "CC")
	for _, tool := range []string{c.gcc, c.tools["LD"]} {
		out, err := runTool(ctx, tool, "--version")
		if err != nil {
			return compiler{}, fmt.Errorf("ask %s for its version: %w", tool, err)
		}
		first, _, _ := strings.Cut(out, "\n")
		c.version += first + "\n"
	}
	for option, standIn := range newerOptions() {
		_, err := runTool(ctx, c.gcc, option+"=16", "-c", "-x", "c", "-o", "/dev/null", "/dev/null")
		if ctx.Err() != nil {
			return compiler{}, ctx.Err()
		}
		if err != nil {
			c.standIns[option] = standIn
		}
	}
	return c, nil
}

// command returns what the kernel's Makefile is to use as CC: gcc itself, or a script in dir that gives it stand-ins.
func (c compiler) command(dir string) (string, error) {
	if len(c.standIns) == 0 {
		return c.gcc, nil
	}
	path := filepath.Join(dir, "gcc")
	if err := os.WriteFile(path, []byte(gccScript(c.gcc, c.standIns)), 0o755); err != nil {
		return "", fmt.Errorf("write compiler script: %w", err)
	}
	return path, nil
}

func gccScript(gcc string, standIns map[string]string) string {
	var cases strings.Builder
	for option, standIn := range standIns {
		fmt.Fprintf(&cases, "\t%s=*) set -- \"$@\" \"%s=${word#*=}\" ;;\n", option, standIn)
	}
	return "#!/bin/sh\nfor word do\n\tshift\n\tcase $word in\n" + cases.String() +
		"\t*) set -- \"$@\" \"$word\" ;;\n\tesac\ndone\nexec '" + gcc + "' \"$@\"\n"
}
