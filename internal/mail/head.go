package mail

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"brink/internal/judge"
	"brink/internal/trial"
)

// subjectWidth is how long a subject may be; lists of subjects are cut near it.
const subjectWidth = 72

// planted begins the subject of a seeded run.
const planted = "[SEEDED, DO NOT SEND] "

func (l *letter) head() {
	if !l.Seeded {
		for _, a := range l.To {
			l.printf("To: %s\n", header(a))
		}
		for _, a := range l.Cc {
			l.printf("Cc: %s\n", header(a))
		}
	}
	l.printf("Subject: %s\n\n", l.subject())
	if l.Seeded {
		l.paragraph("DO NOT SEND THIS MAIL. The failure is planted with a kernel module, to try the tool that writes such mails. It " +
			"says nothing about the kernel.")
	}
}

// subject is the kind of mail, the subsystem as in a commit's subject, and what happens; the longest form that fits.
func (l *letter) subject() string {
	prefix := "[BUG] "
	switch {
	case l.Seeded:
		prefix = planted
	case l.Range.Upstream && l.Range.Bad != "":
		prefix = "[REGRESSION] "
	}
	prefix += clean(l.prefix()) + ": "
	forms := l.happens()
	for _, text := range forms {
		if text = prefix + clean(text); utf8.RuneCountInString(text) <= subjectWidth {
			return text
		}
	}
	return cut(prefix+clean(forms[len(forms)-1]), subjectWidth)
}

// prefix is the subsystem as subjects of commits name it: the last part of its folder. Without a subsystem it is the
// scenario, which is named after one.
func (l *letter) prefix() string {
	name := l.finding.Subsystem
	if name == "" || name == "kernel" || name == "lib" {
		name = l.Scenario.Name
	}
	return name[strings.LastIndexByte(name, '/')+1:]
}

// happens says what happens in a few words, the longest form first.
func (l *letter) happens() []string {
	f, at := l.finding, " at "+l.count(l.finding.Broken)
	_, fault, refused := strings.Cut(f.Signature, "op-error:")
	what := f.What
	if name, ok := l.canary(); ok {
		what = name
	}
	op, _ := l.op()
	switch {
	case f.Kind == judge.Budget && l.each() != "":
		return []string{fmt.Sprintf("%s takes %s per %s (%s)", what, l.each(), l.Scenario.Unit, l.spent()),
			fmt.Sprintf("%s takes %s per %s", what, l.each(), l.Scenario.Unit)}
	case f.Kind == judge.Budget && l.spent() != "":
		return []string{what + " takes " + l.spent(), what + " is slow" + at}
	case f.Kind == judge.Budget:
		return []string{f.Text + at, what + " is slow" + at}
	case f.Kind == judge.Growth && op.Model != nil:
		return []string{fmt.Sprintf("cost of %s grows as n^%.2f, not %s", what, op.Model.Exponent, op.Expected)}
	case f.Kind == trial.Deadline:
		return []string{l.hangs() + at, what + " does not return" + at}
	case f.Kind == trial.OpRefused && refused:
		return []string{fmt.Sprintf("%s fails with %s%s", what, fault[strings.LastIndexByte(fault, ':')+1:], at)}
	}
	text := l.headline()
	if f.Kind == judge.OverLimit {
		title, _, _ := strings.Cut(text, ": ")
		return []string{text + at, title + at, title}
	}
	return []string{text + at, text}
}

// hangs says how long an op past its deadline was waited for.
func (l *letter) hangs() string {
	text, _, _ := strings.Cut(l.finding.Text, ", its task")
	return text
}

// headline is the finding's text without what the judge adds to it.
func (l *letter) headline() string {
	text, _, _ := strings.Cut(l.finding.Text, " (during ")
	text, _, _ = strings.Cut(text, " (seen at ")
	return text
}

// cut shortens a text at a space.
func cut(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	text = string([]rune(text)[:width-3])
	if i := strings.LastIndexByte(text, ' '); i > width/2 {
		text = text[:i]
	}
	return text + "..."
}
