#!/bin/sh
# PLANTED by a module that fails on purpose: walk with N entries
# op-error at 2,000 entries
# Found on 6.12.117+deb13-cloud-amd64: fails at 2000, not at 1000.
# Run as root, in a VM that may die of it: sh reproduce.sh [N [MODULE.ko]]
# Without MODULE.ko the module must be loaded already.
n=${1:-2000}
dev=/dev/brink-seeded
now() { # ms since boot, in steps of 10
	read -r up _ </proc/uptime
	now=$((${up%.*} * 1000 + 1${up#*.} * 10 - 1000))
}
fail() { echo "FAILED: walk at $n entries: $*"; exit 1; }
tell() { echo "$*" >$dev; } # one command a write
if [ -n "$2" ]; then insmod "$2" || exit 2; fi
trap 'tell clear' EXIT

tell plan errno 40000 || exit 2
echo "adding $n entries"
tell grow "$n" || exit 2

# Expect: the kernel refuses it: no buffer space available; prints FAILED, exit status 1.
echo "now: walk"
now; start=$now
msg=$(/bin/echo walk 2>&1 >$dev) || fail "$msg" # the shell's own echo does not tell which error
now; ms=$((now - start))
echo "walk over $n entries: $ms ms"
