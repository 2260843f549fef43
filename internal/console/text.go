package console

import (
	"strconv"
	"strings"
)

// after returns what follows the first sep in s, empty when there is none.
func after(s, sep string) string {
	_, rest, _ := strings.Cut(s, sep)
	return rest
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// number reads the decimal digits at the start of s, after blanks, or returns def.
func number(s string, def int) int {
	s = strings.TrimLeft(s, " ")
	end := 0
	for end < len(s) && isDigit(s[end]) {
		end++
	}
	n, err := strconv.Atoi(s[:end])
	if err != nil {
		return def
	}
	return n
}

// splitTask splits "comm:123" or "comm/123"; the comm may hold colons and slashes itself.
func splitTask(s string) (comm string, pid int) {
	i := strings.LastIndexAny(s, ":/")
	if i < 0 {
		return s, -1
	}
	return s[:i], number(s[i+1:], -1)
}

// stable takes out of s what changes from run to run: numbers and addresses.
func stable(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		words[i] = stableWord(w)
	}
	return strings.Join(words[:min(len(words), 16)], " ")
}

func stableWord(w string) string {
	key, val, ok := strings.Cut(w, "=")
	if ok && isNumber(strings.TrimRight(val, ",.!)")) {
		return key + "=NUM"
	}
	bareWord := strings.Trim(w, "(),.:;![]<>")
	switch {
	case bareWord == "" || !isNumber(bareWord):
		return w
	case len(bareWord) >= 8:
		return strings.Replace(w, bareWord, "ADDR", 1)
	}
	return strings.Replace(w, bareWord, "NUM", 1)
}

// isNumber reports whether s is a decimal or hexadecimal number.
func isNumber(s string) bool {
	s, hex := strings.CutPrefix(s, "0x")
	if s == "" {
		return false
	}
	digits := 0
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c):
			digits++
		case isHex(c) && (hex || len(s) >= 8):
		default:
			return false
		}
	}
	return hex || digits > 0
}

func isHex(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// pathIn returns the source path at the start of s ("./include/linux/x.h:302 foo+0x1/0x2"), relative to the kernel
// tree.
func pathIn(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, " !"); i >= 0 {
		s = s[:i]
	}
	path, _, ok := strings.Cut(s, ":")
	if !ok || !strings.Contains(path, ".") {
		return ""
	}
	return treePath(path)
}

// treePath cuts the build folder off a source path.
func treePath(path string) string {
	path = strings.TrimPrefix(path, "./")
	for strings.HasPrefix(path, "../") {
		path = path[3:]
	}
	if !strings.HasPrefix(path, "/") {
		return path
	}
	for _, top := range []string{
		"/drivers/", "/net/", "/fs/", "/mm/", "/kernel/", "/block/", "/arch/", "/lib/", "/sound/", "/security/",
		"/crypto/", "/ipc/", "/io_uring/", "/virt/", "/include/",
	} {
		if i := strings.Index(path, top); i >= 0 {
			return path[i+1:]
		}
	}
	return path
}
