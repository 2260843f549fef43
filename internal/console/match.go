package console

import (
	"encoding/binary"
	"strings"
)

// matcher finds the rules that hit a record, all in one pass: a table over the hash of four bytes tells for each
// position which literals can begin there, which is none for nearly all.
type matcher struct {
	rules  []rule
	at     [4096][]uint16
	benign []string
}

func newMatcher(rules []rule, benign []string) *matcher {
	m := &matcher{rules: rules, benign: benign}
	for i, r := range rules {
		h := hash4([]byte(r.lit))
		m.at[h] = append(m.at[h], uint16(i))
	}
	return m
}

func hash4(b []byte) uint32 {
	return binary.LittleEndian.Uint32(b) * 2654435761 >> 20
}

// any reports whether a literal occurs in line. It is the fast path, taken for every line of the console.
func (m *matcher) any(line []byte) bool {
	for i := 0; i+4 <= len(line); i++ {
		for _, r := range m.at[hash4(line[i:])] {
			if hasPrefix(line[i:], m.rules[r].lit) {
				return true
			}
		}
	}
	return false
}

// find returns the rule that the record hits, nil for none.
func (m *matcher) find(text []byte) *rule {
	best := len(m.rules)
	var s string
	for i := 0; i+4 <= len(text); i++ {
		for _, r := range m.at[hash4(text[i:])] {
			if int(r) >= best || !hasPrefix(text[i:], m.rules[r].lit) {
				continue
			}
			if s == "" {
				s = string(text)
			}
			if m.rules[r].hit(s, i) {
				best = int(r)
			}
		}
	}
	if best == len(m.rules) || m.harmless(s) {
		return nil
	}
	return &m.rules[best]
}

func (m *matcher) harmless(text string) bool {
	for _, b := range m.benign {
		if strings.Contains(text, b) {
			return true
		}
	}
	return false
}

func hasPrefix(b []byte, s string) bool {
	return len(b) >= len(s) && string(b[:len(s)]) == s
}
