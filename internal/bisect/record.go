package bisect

import (
	"slices"
	"strings"
	"unicode"
)

// Record is a search as text, in the form of `git bisect log`. Ends are what was claimed of them, and no runs.
type Record struct {
	Terms   Terms
	Bad     Name   // the bad end, empty if the record begins without
	Good    []Name // the good ends
	Entries []Entry
	// First is the commit found, or the several of which one is it.
	First []Name
}

// Terms are the words for the answers, which git lets one choose.
type Terms struct{ Bad, Good string }

// UsualTerms are those of git.
func UsualTerms() Terms { return Terms{"bad", "good"} }

// Name is a candidate: a commit's hash or a package's version, without blanks, and what it is called.
type Name struct{ ID, Subject string }

// Entry is one run. Text says what was seen where the answer is Skip or Other.
type Entry struct {
	Name
	Answer Answer
	Text   string
}

// Ends are the bad end and the good ones. Where the record does not begin with them they are the first ones that were
// called so.
func (r Record) Ends() (bad Name, good []Name) {
	bad, good = r.Bad, r.Good
	for _, e := range r.Entries {
		if bad.ID == "" && e.Answer == Bad {
			bad = e.Name
		}
		if len(good) == 0 && e.Answer == Good {
			good = []Name{e.Name}
		}
	}
	return bad, good
}

// Observations are the runs, for candidates with these IDs, and the IDs of runs that are none of them.
func (r Record) Observations(ids []string) (runs []Observation, unknown []string) {
	number := make(map[string]int, len(ids))
	for i, id := range ids {
		number[id] = i
	}
	for _, e := range r.Entries {
		if n, ok := number[e.ID]; ok {
			runs = append(runs, Observation{n, e.Answer, e.Text})
		} else if !slices.Contains(unknown, e.ID) {
			unknown = append(unknown, e.ID)
		}
	}
	return runs, unknown
}

// word is the answer's word in the record.
func (t Terms) word(a Answer) string {
	switch a {
	case Bad:
		return t.Bad
	case Good:
		return t.Good
	}
	return string(a)
}

// answer is what a word means. The words old and new are git's as well.
func (t Terms) answer(word string) (Answer, bool) {
	switch word {
	case t.Bad:
		return Bad, true
	case t.Good:
		return Good, true
	case "skip":
		return Skip, true
	case "other":
		return Other, true
	}
	if t == UsualTerms() {
		switch word {
		case "new":
			return Bad, true
		case "old":
			return Good, true
		}
	}
	return "", false
}

func (t Terms) valid() bool {
	taken := []string{"", "skip", "other", "seen", "start", "terms", "status"}
	word := func(s string) bool {
		return !slices.Contains(taken, s) && !strings.HasPrefix(s, "-") && !strings.ContainsAny(s, ":'\\[]") && plain(s)
	}
	return word(t.Bad) && word(t.Good) && t.Bad != t.Good
}

// validID reports whether an ID can stand in a record.
func validID(id string) bool {
	return id != "" && !strings.HasPrefix(id, "-") && !strings.ContainsAny(id, "[]'\\") && plain(id)
}

// plain reports whether a text is one word.
func plain(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == unicode.ReplacementChar
	})
}

// clean makes one printable line of a text from elsewhere.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	return strings.TrimSpace(text)
}
