#!/bin/sh
# PLANTED by a module that fails on purpose: walk with N entries
# over-budget at 2,000 entries
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

tell plan knee 40000 || exit 2
echo "adding $n entries"
tell grow "$n" || exit 2

# Expect: takes more than its budget of 5.00 ms + 500 ns each; prints FAILED, exit status 1.
limit=$(((5000000 + n * 500) / 1000000)) # ms
echo "now: walk"
now; start=$now
msg=$( (tell walk) 2>&1) || fail "$msg"
now; ms=$((now - start))
echo "walk over $n entries: $ms ms"
[ $ms -le $limit ] || fail "$ms ms, limit $limit ms"
