//go:build linux

// Package guest lets threads use files on a disk while their cgroup's limit takes the page cache away under them, and compares
// what they read with what was written.
//
//	scenario.go  the ops                        content.go   what a block holds, and which version of it
//	shape.go     what is asked for at a size    diagnose.go  what a block holds instead
//	disk.go      file system and readahead      file.go      files and their versions
//	house.go     the cgroup                     clone.go     copies that share blocks
//	bout.go      threads at work                actions.go   reads, page faults, reads past the page cache
//	watch.go     threads without progress       changes.go   writes, truncates, holes
//	mix.go       which action is next           cache.go     readahead, drop, sync, reclaim
//	shadow.go    the directed workload          scrub.go     all files read back
//	work.go      bouts and their samples        folio.go     how large the page cache's folios are
//	clock.go     the clock of events
package guest
