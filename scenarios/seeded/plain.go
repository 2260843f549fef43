package seeded

import "brink/internal/scenario"

// plain returns the script that shows what is planted in a walk. The others need a process of their own (zombie, port), end
// who should tell of it (leak, kill), are seen over many sizes (linear, quadratic), or are seen with the canaries and so
// belong to no op (error-line).
func plain() []scenario.Plain {
	return []scenario.Plain{{
		Title: "one walk over a list of entries", Ops: []string{"walk"}, Tools: []string{"insmod", "echo"}, Script: plainWalk,
		Only: map[string][]string{"one-in": {"1"}, "mode": {"knee", "panic", "oops", "gpf", "bug", "warn", "corruption", "atomic-sleep",
			"soft-lockup", "hard-lockup", "rcu-stall", "hung-task", "errno", "sleep", "triple-fault"}},
	}}
}

const plainWalk = `#!/bin/sh
# PLANTED by a module that fails on purpose: {{.Op}} with N entries
# {{.Title}}
# Found on {{.KernelRelease}}: {{.Sizes}}.
# Run as root, in a VM that may die of it: sh reproduce.sh [N [MODULE.ko]]
# Without MODULE.ko the module must be loaded already.
n=${1:-{{.N}}}
dev=/dev/brink-seeded
now() { # ms since boot, in steps of 10
	read -r up _ </proc/uptime
	now=$((${up%.*} * 1000 + 1${up#*.} * 10 - 1000))
}
fail() { echo "FAILED: {{.Op}} at $n entries: $*"; exit 1; }
tell() { echo "$*" >$dev; } # one command a write
if [ -n "$2" ]; then insmod "$2" || exit 2; fi
trap 'tell clear' EXIT

tell plan {{index .Settings "mode"}} {{index .Settings "at"}} || exit 2
echo "adding $n entries"
tell grow "$n" || exit 2

# Expect: {{.Expect}}.
{{- if .Limit}}
limit=$(({{.Limit}})) # ms
{{- end}}
echo "now: {{.Op}}"
now; start=$now
{{- if eq .Kind "op-error"}}
msg=$(/bin/echo walk 2>&1 >$dev) || fail "$msg" # the shell's own echo does not tell which error
{{- else}}
msg=$( (tell walk) 2>&1) || fail "$msg"
{{- end}}
now; ms=$((now - start))
echo "{{.Op}} over $n entries: $ms ms"
{{- if .Limit}}
[ $ms -le $limit ] || fail "$ms ms, limit $limit ms"
{{- end}}
`
