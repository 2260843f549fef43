// Package vmimages makes what a guest is made of: a kernel, its modules and an initramfs.
//
// It exists so that "debian:6.12" or "file:bzImage,modules=DIR" becomes a set of files that QEMU can boot, the same
// bytes every time, without root rights and without touching the host's own package system. Everything is kept in a
// cache that several brinks may share: an entry appears by an atomic rename, under a lock, or not at all.
//
// It must not know QEMU, scenarios, trials or the agent's protocol: it sees module names, host programs and bytes. It
// prints nothing; what is worth a word goes to the slog.Logger it was given. It names no mirror: those are read from
// the host's own apt configuration.
//
// Modules that a kernel does not bring along are built from source, with the headers of its package and the compiler of
// the host (build.go).
//
// A kernel may also be built from a source tree (tree.go): a commit, a folder, Debian's source package, each with
// patches. The tree is copied into the cache first; nothing is ever written to where it came from.
//
// Errors are of these kinds. A *RefError is the user's (what was asked for does not exist or cannot be read). A
// *MissingModuleError says that a kernel lacks a module, a *MissingHeadersError that modules cannot be built for it,
// which a scenario may turn into "unsupported". A *MissingToolError names what to install, a *ModuleBuildError shows
// why a source does not build. A *TreeBuildError says that a source tree makes no kernel, a *MissingPackagesError what
// the host lacks for building one. All others mean that the harness could not do its job.
package vmimages
