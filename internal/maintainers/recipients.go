package maintainers

import (
	"cmp"
	"net/mail"
	"slices"
	"strings"
)

// The lists that reports go to besides (Documentation/admin-guide/reporting-issues.rst and reporting-regressions.rst).
const (
	KernelList      = "linux-kernel@vger.kernel.org"
	RegressionsList = "regressions@lists.linux.dev"
)

// Recipients is to whom a report goes. Addresses are as a mail's header has them, without commas at their ends.
type Recipients struct {
	To       []string // people of the section that names the file best and is looked after; its lists if it has none
	Cc       []string // other people, lists
	Sections []string // titles, the one that says most first
	Orphan   bool     // nobody looks after the section that names the file best
}

// chief is left out as the script does: he gets what his maintainers send him.
const chief = "torvalds@linux-foundation.org"

// For returns to whom a report about a file, or a folder with a slash at its end, goes. Lists that take no mails from
// strangers are left out. A regression of a vanilla kernel also goes to RegressionsList.
func (f *File) For(path string, regression bool) Recipients {
	sections := f.matching(path)
	c := collector{seen: map[string]bool{}}
	lead := slices.IndexFunc(sections, func(s Section) bool { return len(s.People) > 0 && !s.Orphan() && !wide(s) })
	for i, s := range sections {
		c.Sections = append(c.Sections, s.Title)
		c.people(s.People, i == lead)
		c.people(s.Reviewers, false)
	}
	if len(sections) > 0 {
		c.Orphan = sections[0].Orphan()
	}
	for _, s := range sections {
		for _, l := range s.Lists {
			c.list(l.Address, l.Closed)
		}
	}
	c.list(KernelList, false)
	if regression {
		c.list(RegressionsList, false)
	}
	if len(c.To) == 0 && len(c.lists) > 0 {
		c.To, c.lists = c.lists[:1], c.lists[1:]
	}
	c.Cc = append(c.Cc, c.lists...)
	return c.Recipients
}

// wide reports whether a section stands for everything that no other one names.
func wide(s Section) bool { return s.Title == "THE REST" }

// matching returns the sections that name a file, the most exact first; those that are alike in the order of the file.
func (f *File) matching(path string) []Section {
	type match struct {
		depth int
		Section
	}
	var found []match
	for _, s := range f.Sections {
		if depth, ok := s.depth(path); ok {
			found = append(found, match{depth, s})
		}
	}
	slices.SortStableFunc(found, func(a, b match) int { return cmp.Compare(b.depth, a.depth) })
	sections := make([]Section, len(found))
	for i, m := range found {
		sections[i] = m.Section
	}
	return sections
}

// collector takes everybody once, by name or by address, and lists by address.
type collector struct {
	Recipients
	lists []string
	seen  map[string]bool
}

func (c *collector) people(all []string, lead bool) {
	for _, text := range all {
		name, address := person(text)
		byName, byAddress := "name "+strings.ToLower(name), strings.ToLower(address)
		if address == "" || byAddress == chief || c.seen[byAddress] || name != "" && c.seen[byName] {
			continue
		}
		c.seen[byAddress], c.seen[byName] = true, true
		if lead {
			c.To = append(c.To, format(name, address))
		} else {
			c.Cc = append(c.Cc, format(name, address))
		}
	}
}

func (c *collector) list(address string, closed bool) {
	key := "list " + strings.ToLower(address)
	if !closed && !c.seen[key] {
		c.seen[key] = true
		c.lists = append(c.lists, address)
	}
}

// person takes an address apart. Names with a full stop and no quotes, which are many, are not what RFC 5322 asks for, but
// net/mail reads them.
func person(text string) (name, address string) {
	if a, err := mail.ParseAddress(text); err == nil {
		return a.Name, a.Address
	}
	name, rest, _ := strings.Cut(text, "<")
	if address, _, ok := strings.Cut(rest, ">"); ok && strings.Contains(address, "@") {
		return strings.Trim(strings.TrimSpace(name), `"`), address
	}
	return "", ""
}

// format writes an address with quotes around names that need them. Names stay UTF-8: mailers encode them.
func format(name, address string) string {
	plain := func(r rune) bool {
		return r == ' ' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	switch {
	case name == "":
		return address
	case strings.ContainsFunc(name, func(r rune) bool { return !plain(r) }):
		name = `"` + strings.ReplaceAll(name, `"`, `\"`) + `"`
	}
	return name + " <" + address + ">"
}
