package console

import "strings"

// parseFrame reads one line of a call trace in any of the forms that kernels print:
//
//	foo+0x12/0x340 [module]             [<ffffffff81d90889>] ? foo+0x12/0x340
//	<IRQ>  [<ffffffff8140c8fc>] foo+0x  [c0000000025b7b10] [c0000000004f5f6c] foo+0x12/0x340
//	(foo) from [<c0109a84>] (bar+0x18)  foo net/core/dev.c:12 [inline]
func parseFrame(line string) (Frame, bool) {
	s, unreliable := frameStart(line)
	if s == "" {
		return Frame{}, false
	}
	if name, ok := inlined(s, line); ok {
		return Frame{Function: bare(name), Unreliable: unreliable}, true
	}
	if i := strings.Index(s, " from "); i >= 0 && i < strings.Index(s, "+0x") {
		callee := strings.Trim(s[:i], " ()")
		return Frame{Function: bare(callee)}, symbolName(callee)
	}
	name, rest, ok := symbol(s)
	if !ok {
		return Frame{}, false
	}
	unreliable = unreliable || strings.HasSuffix(rest, "(unreliable)") // arch/powerpc/kernel/process.c
	return Frame{Function: bare(name), Module: moduleIn(rest), Unreliable: unreliable}, true
}

// frameStart takes markers and addresses off the front of a trace line, and the question mark.
func frameStart(s string) (rest string, unreliable bool) {
	for {
		s = strings.TrimLeft(s, " \t")
		switch {
		case strings.HasPrefix(s, "? "):
			s, unreliable = s[2:], true
		case address(s) > 0:
			s = s[address(s):]
		case marker(s) > 0:
			s = s[marker(s):]
		default:
			return s, unreliable
		}
	}
}

// address returns the length of "[<ffffffff81d90889>]", "[c0000000004f5f6c]", "([<…>]" or "[<     inline     >]"
// at the start of s.
func address(s string) int {
	open := len(s) - len(strings.TrimLeft(s, "("))
	if open >= len(s) || s[open] != '[' {
		return 0
	}
	i := strings.IndexByte(s, ']')
	if i < 0 || strings.Trim(s[open:i], "[<>x0123456789abcdef iln") != "" {
		return 0
	}
	return i + 1
}

// marker returns the length of "<IRQ>", "</TASK>", "<<EOE>>" … at the start of s.
func marker(s string) int {
	if s == "" || s[0] != '<' {
		return 0
	}
	i := strings.IndexByte(s[:min(len(s), 16)], '>')
	if i < 0 {
		return 0
	}
	for _, c := range s[1:i] {
		if (c < 'A' || c > 'Z') && c != '/' && c != '<' && c != '#' {
			return 0
		}
	}
	for i < len(s) && s[i] == '>' {
		i++
	}
	return i
}

// symbol splits "foo+0x12/0x340 rest" and reports whether s has that form.
func symbol(s string) (name, rest string, ok bool) {
	i := strings.Index(s, "+0x")
	if i <= 0 || i > 200 {
		return "", "", false
	}
	name, rest = s[:i], s[i+3:]
	if !symbolName(name) {
		return "", "", false
	}
	n := 0
	for n < len(rest) && (isHex(rest[n]) || rest[n] == '/' || rest[n] == 'x') {
		n++
	}
	return name, rest[n:], n > 0
}

// symbolName reports whether s can be a symbol: C, or demangled Rust.
func symbolName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && !isDigit(c) && c != '.' && c != '$' && c != '<' && c != '>' && c != ':' {
			return false
		}
	}
	return s != "" && !isDigit(s[0])
}

// inlined reads the frames that a symbolizer adds.
func inlined(s, line string) (name string, ok bool) {
	if !strings.HasSuffix(s, "[inline]") && !strings.Contains(line, "[<     inline     >]") {
		return "", false
	}
	name, _, _ = strings.Cut(s, " ")
	return name, symbolName(name)
}

// moduleIn finds "[wireguard]" at the end of a frame; not "[inline]", nor a build id alone.
func moduleIn(s string) string {
	_, m, ok := strings.Cut(s, "[")
	if !ok {
		return ""
	}
	m, _, ok = strings.Cut(m, "]")
	m, _, _ = strings.Cut(m, " ")
	if !ok || m == "inline" || !symbolName(strings.ReplaceAll(m, "-", "_")) {
		return ""
	}
	return m
}

// bare takes off a symbol what the compiler put on: ".isra.0", ".constprop.3", ".cold", ".llvm.123".
func bare(name string) string {
	name = strings.TrimPrefix(name, ".")
	if i := strings.IndexByte(name, '.'); i > 0 {
		name = name[:i]
	}
	return strings.TrimPrefix(name, "__pfx_")
}

// systemCall folds the names that the entry of one system call has on different architectures and versions:
// __x64_sys_futex, __se_sys_futex, SyS_futex … are sys_futex.
func systemCall(name string) string {
	for _, p := range []string{"__x64_", "__ia32_", "__arm64_", "__riscv_", "__se_", "__do_"} {
		if rest, ok := strings.CutPrefix(name, p); ok && hasAnyPrefix(rest, "sys_", "compat_sys_") {
			return rest
		}
	}
	for _, p := range []string{"SyS_", "SYSC_"} {
		if rest, ok := strings.CutPrefix(name, p); ok {
			return "sys_" + rest
		}
		if rest, ok := strings.CutPrefix(name, "compat_"+p); ok {
			return "compat_sys_" + rest
		}
	}
	return name
}

// funcIn returns the bare function of the first "foo+0x1/0x2" in s, or of "foo()".
func funcIn(s string) string {
	i := strings.Index(s, "+0x")
	if i < 0 {
		i = strings.Index(s, "()")
	}
	if i <= 0 {
		return ""
	}
	start := i
	for start > 0 && symbolName("_"+s[start-1:start]) {
		start--
	}
	name := s[start:i]
	if j := strings.LastIndexByte(name, ':'); j >= 0 && !strings.Contains(name, "::") {
		name = name[j+1:]
	}
	if !symbolName(name) {
		return ""
	}
	return bare(name)
}

// splFunction reads "dnode.c:123:dnode_hold()".
func splFunction(s string) string {
	parts := strings.SplitN(s, ":", 4)
	if len(parts) < 3 {
		return ""
	}
	name, _, _ := strings.Cut(parts[2], "(")
	return bare(strings.TrimSpace(name))
}
