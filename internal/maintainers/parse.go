package maintainers

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Section is one entry of the file.
type Section struct {
	Title     string
	Status    string   // as it stands there: Maintained, Odd Fixes, Orphan …
	People    []string // M:, as "Name <address>"
	Reviewers []string // R:
	Lists     []List   // L:

	files, excluded []pattern
	names           []*regexp.Regexp // N:
}

// List is a mailing list.
type List struct {
	Address string
	Closed  bool // takes mails of subscribers only
}

// File is a MAINTAINERS file.
type File struct {
	Sections []Section
	Unread   []string // patterns that this package cannot read; Perl's regular expressions know more than Go's
}

// entry is how the script tells a line with a tag from a title.
var entry = regexp.MustCompile(`^([A-Z]):\s*(.*)$`)

// Parse reads a MAINTAINERS file. It is an error if there is no section in it.
func Parse(r io.Reader) (*File, error) {
	f := &File{}
	title := ""
	var now *Section
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := strings.TrimRight(lines.Text(), " \t\r")
		m := entry.FindStringSubmatch(line)
		switch {
		case m != nil && now == nil && title == "":
			continue // a tag before any title belongs to nothing
		case m != nil:
			if now == nil {
				f.Sections = append(f.Sections, Section{Title: title})
				now = &f.Sections[len(f.Sections)-1]
			}
			f.set(now, m[1], m[2])
		case line != "" && !strings.HasPrefix(strings.TrimSpace(line), "#"):
			title, now = line, nil
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read MAINTAINERS: %w", err)
	}
	if len(f.Sections) == 0 {
		return nil, fmt.Errorf("read MAINTAINERS: it has no section; give the file of that name at the top of a kernel tree")
	}
	return f, nil
}

func (f *File) set(s *Section, tag, value string) {
	switch tag {
	case "M":
		s.People = append(s.People, value)
	case "R":
		s.Reviewers = append(s.Reviewers, value)
	case "L":
		address, remark, _ := strings.Cut(value, " ")
		if a, r, tab := strings.Cut(value, "\t"); tab && len(a) < len(address) {
			address, remark = a, r
		}
		s.Lists = append(s.Lists, List{Address: address, Closed: strings.Contains(remark, "subscribers-only")})
	case "S":
		s.Status = value
	case "F":
		s.files = f.pattern(s.files, value)
	case "X":
		s.excluded = f.pattern(s.excluded, value)
	case "N":
		// The script matches with /x, which leaves white space in a pattern out.
		if re, err := regexp.Compile(strings.Join(strings.Fields(value), "")); err == nil {
			s.names = append(s.names, re)
		} else {
			f.Unread = append(f.Unread, "N: "+value)
		}
	}
}

func (f *File) pattern(all []pattern, value string) []pattern {
	p, err := newPattern(value)
	if err != nil {
		f.Unread = append(f.Unread, value)
		return all
	}
	return append(all, p)
}

// Orphan reports whether nobody looks after the section.
func (s Section) Orphan() bool {
	status := strings.ToLower(s.Status)
	return strings.HasPrefix(status, "orphan") || strings.HasPrefix(status, "obsolete")
}
