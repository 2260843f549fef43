// Package maintainers says to whom a report about a source file goes: it reads a kernel tree's MAINTAINERS file by the
// rules of scripts/get_maintainer.pl. A report that reaches nobody who knows the code is not answered. It is pure: the
// file comes from a reader. It does not look into the source (K: lines) nor into git's log, as the script can.
//
// Compared with the script of 6.12 (with --nogit --nogit-fallback --nokeywords --nomailmap) on 386 files of that tree: the
// same people and lists for 378. Seven of the others are device tree bindings, which name maintainers themselves, and one
// has a person with two addresses in sections that are equally exact, where the script takes either.
package maintainers
