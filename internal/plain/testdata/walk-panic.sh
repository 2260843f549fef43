#!/bin/sh
# PLANTED by a module that fails on purpose: walk with N entries
# panic at 40,498 entries
# Found on 6.12.117+deb13-cloud-amd64: fails at 40498, not at 39726.
# Run as root, in a VM that may die of it: sh reproduce.sh [N [MODULE.ko]]
# Without MODULE.ko the module must be loaded already.
n=${1:-40498}
dev=/dev/brink-seeded
now() { # ms since boot, in steps of 10
	read -r up _ </proc/uptime
	now=$((${up%.*} * 1000 + 1${up#*.} * 10 - 1000))
}
fail() { echo "FAILED: walk at $n entries: $*"; exit 1; }
tell() { echo "$*" >$dev; } # one command a write
if [ -n "$2" ]; then insmod "$2" || exit 2; fi
trap 'tell clear' EXIT

tell plan panic 40000 || exit 2
echo "adding $n entries"
tell grow "$n" || exit 2

# Expect: panic, as the kernel's log tells.
echo "now: walk"
now; start=$now
msg=$( (tell walk) 2>&1) || fail "$msg"
now; ms=$((now - start))
echo "walk over $n entries: $ms ms"
