// Package plain makes the plain reproducer of a finding: a shell script that fits on a page and needs no brink, for a
// maintainer who trusts only what can be read. It also judges what a run of the script showed: the script is verified only
// if it showed the finding itself, not merely some failure.
//
// The scripts are the scenarios' (scenario.Plain). The package is pure: it runs nothing, reads no files, and knows no VM.
package plain
