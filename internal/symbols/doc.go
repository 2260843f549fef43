// Package symbols says which source line a line of a kernel's stack trace means: function+offset becomes file:line, with
// the functions that were inlined there. A maintainer asks for that first, and it can only be done with the debug files
// of exactly the kernel that crashed. It reads ELF and DWARF and runs nothing. It must not know where debug files come
// from (vmimages fetches them), nor what is made of a trace.
//
// A vmlinux with debug information has 300 to 600 MB. It is mapped, not read: only what a lookup touches comes into
// memory. Modules are relocatable files; their sections are laid out one after the other and the relocations of the
// debug sections applied, for x86-64 only.
package symbols
