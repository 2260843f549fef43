package bisect

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// longest is how long a line may be, in bytes.
const longest = 1 << 20

// ParseRecord reads a record of brink or of git (builtin/bisect.c of git 2.39: bisect_write writes the lines,
// process_replay_line reads them). What git's own replay ignores is ignored, what it refuses is an error.
func ParseRecord(from io.Reader) (Record, error) {
	p := &parser{Record: Record{Terms: UsualTerms()}}
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, longest)
	n := 0
	for lines.Scan() {
		n++
		if err := p.line(lines.Text()); err != nil {
			return Record{}, fmt.Errorf("read record: line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return Record{}, fmt.Errorf("read record: line %d: %w", n+1, err)
	}
	if !p.started {
		return Record{}, errors.New("read record: there is no line `git bisect start`")
	}
	return p.Record, nil
}

type parser struct {
	Record
	started bool
	before  []Entry // what the comments said since the last command
	crash   bool    // the last comment was an unrelated crash, which is an entry already
}

func (p *parser) line(text string) error {
	text = strings.TrimLeft(text, " \t")
	if rest, ok := strings.CutPrefix(text, "#"); ok {
		p.comment(strings.TrimSpace(rest))
		return nil
	}
	rest, ok := strings.CutPrefix(text, "git bisect")
	if !ok {
		rest, ok = strings.CutPrefix(text, "git-bisect")
	}
	if !ok || strings.TrimLeft(rest, " \t\r") == rest {
		return nil
	}
	err := p.command(strings.TrimSpace(rest))
	p.before, p.crash = nil, false
	return err
}

// comment takes the name of a candidate, or what was seen, from a comment. Others mean nothing.
func (p *parser) comment(text string) {
	word, rest, ok := strings.Cut(text, ": ")
	if !ok {
		return
	}
	if word == "seen" {
		p.seen(clean(rest))
		return
	}
	id, subject, ok := strings.Cut(strings.TrimPrefix(rest, "["), "]")
	if !ok || !strings.HasPrefix(rest, "[") || !validID(id) {
		return
	}
	e := Entry{Name: Name{id, clean(subject)}}
	if strings.HasSuffix(word, "first "+p.Terms.Bad+" commit") {
		p.First = append(p.First, e.Name)
		return
	}
	if e.Answer, ok = p.Terms.answer(word); !ok {
		// Before the line that starts, its terms are not known yet: git writes the bad end first.
		if p.started {
			return
		}
	}
	if p.crash = e.Answer == Other && p.started; p.crash {
		p.Entries = append(p.Entries, e)
		return
	}
	p.before = append(p.before, e)
}

func (p *parser) seen(text string) {
	switch {
	case p.crash:
		p.Entries[len(p.Entries)-1].Text = text
	case len(p.before) > 0:
		p.before[len(p.before)-1].Text = text
	}
}

func (p *parser) command(text string) error {
	word, rest, _ := strings.Cut(strings.ReplaceAll(text, "\t", " "), " ")
	if word == "start" {
		return p.start(rest)
	}
	if !p.started {
		return fmt.Errorf("%q comes before `git bisect start`", word)
	}
	if word == "terms" {
		return nil
	}
	answer, ok := p.Terms.answer(word)
	if !ok || answer == Other {
		return fmt.Errorf("%q is no answer: the terms are %s, %s and skip", word, p.Terms.Bad, p.Terms.Good)
	}
	ids, err := words(rest)
	if err != nil {
		return err
	}
	if len(ids) != 1 || !validID(ids[0]) {
		return fmt.Errorf("%q is not one candidate", rest)
	}
	e := Entry{Name: Name{ID: ids[0]}, Answer: answer}
	for _, b := range p.before {
		if b.ID == e.ID && b.Answer == answer {
			e = b
		}
	}
	p.Entries = append(p.Entries, e)
	return nil
}

// start begins anew, as git does. Revisions are named as somebody typed them; the comments before say what they are.
func (p *parser) start(rest string) error {
	args, err := words(rest)
	if err != nil {
		return err
	}
	p.Record, p.started = Record{Terms: UsualTerms()}, true
	var revisions []string
	for i := 0; i < len(args) && args[i] != "--"; i++ {
		name, value, has := strings.Cut(args[i], "=")
		target := map[string]*string{"--term-new": &p.Terms.Bad, "--term-bad": &p.Terms.Bad,
			"--term-old": &p.Terms.Good, "--term-good": &p.Terms.Good}[name]
		switch {
		case target != nil && !has && i+1 < len(args):
			i++
			*target = args[i]
		case target != nil:
			*target = value
		case !strings.HasPrefix(args[i], "--"):
			revisions = append(revisions, args[i])
		}
	}
	if !p.Terms.valid() {
		return fmt.Errorf("%q and %q cannot be the terms", p.Terms.Bad, p.Terms.Good)
	}
	p.claim(revisions)
	return nil
}

// claim takes the ends from the comments before the start, which give hashes, or else from its arguments.
func (p *parser) claim(revisions []string) {
	if len(revisions) == 0 {
		return
	}
	// A path may follow the revisions without a "--": then the comments are fewer than the words.
	if n := min(len(p.before), len(revisions)); n > 0 {
		for i, e := range p.before[len(p.before)-n:] {
			p.end(i, e.Name)
		}
		return
	}
	for i, id := range revisions {
		if validID(id) {
			p.end(i, Name{ID: id})
		}
	}
}

func (p *parser) end(i int, n Name) {
	if i == 0 {
		p.Bad = n
	} else if p.Bad.ID != "" {
		p.Good = append(p.Good, n)
	}
}

// words undoes the quoting of a shell's words, in single quotes or with a backslash.
func words(text string) (all []string, err error) {
	var word strings.Builder
	inWord, quoted := false, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c != '\'':
			word.WriteByte(c)
		case c == '\'':
			inWord, quoted = true, !quoted
		case c == ' ' || c == '\t' || c == '\r':
			if inWord {
				all = append(all, word.String())
			}
			word.Reset()
			inWord = false
		case c == '\\' && i+1 < len(text):
			i++
			word.WriteByte(text[i])
			inWord = true
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	if quoted {
		return nil, errors.New("a quotation mark is missing")
	}
	if inWord {
		all = append(all, word.String())
	}
	return all, nil
}
