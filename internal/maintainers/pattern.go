package maintainers

import (
	"regexp"
	"strings"
)

// pattern is an F: or X: line. The script makes a regular expression of it that is tied to the beginning of the path only;
// one without a slash at its end must have as many slashes as the path, so that * and ? stay in one folder.
type pattern struct {
	re      *regexp.Regexp
	text    string // as it stands in the file
	plain   bool   // without a wildcard
	slashes int
	folder  bool
}

func newPattern(value string) (pattern, error) {
	expr := strings.NewReplacer(".", `\.`, "*", ".*", "?", ".").Replace(value)
	re, err := regexp.Compile("^" + expr)
	return pattern{re: re, text: value, plain: !strings.ContainsAny(value, "*?["), slashes: strings.Count(value, "/"),
		folder: strings.HasSuffix(value, "/")}, err
}

func (p pattern) matches(file string) bool {
	if p.plain && !p.folder && strings.HasPrefix(file, p.text+"/") {
		return true // the script looks whether it is a folder of the tree; this file is in it
	}
	return p.re.MatchString(file) && (p.folder || strings.Count(file, "/") == p.slashes)
}

// depth says how exactly a pattern names a file: the parts of its path; -1 where it begins with a wildcard.
func (p pattern) depth() int {
	switch {
	case strings.HasPrefix(p.text, "*"):
		return -1
	case p.folder:
		return p.slashes
	}
	return p.slashes + 1
}

// depth returns how exactly a section names a file, and whether it does at all. Of several patterns that match the last
// counts, as in the script.
func (s Section) depth(file string) (int, bool) {
	for _, x := range s.excluded {
		if x.matches(file) {
			return 0, false
		}
	}
	depth, ok := 0, false
	for _, p := range s.files {
		if p.matches(file) {
			depth, ok = p.depth(), true
		}
	}
	for _, n := range s.names {
		if !ok && n.MatchString(file) {
			ok = true
		}
	}
	return depth, ok
}
