package page

import (
	"fmt"
	"slices"

	"brink/internal/judge"
	"brink/internal/summary"
	"brink/internal/trial"
)

// longest is how many lines of a console a card shows; the rest is in the file.
const longest = 120

// finding is a card.
type finding struct {
	Number    int
	Kind      string
	Title     string // what happens
	At        string // where: fails at, safe at
	Planted   bool
	Facts     []fact
	Console   []summary.Line
	Cut       string // how much of the console is not shown
	Log       link
	Saved     []link
	Happened  []string // what was noticed and has no file
	Missing   []string // what could not be saved, and why
	HasGuilty bool
}

func newFindings(s summary.Summary) (cards []finding) {
	for i, f := range s.Findings {
		c := finding{Number: i + 1, Kind: string(f.Kind), Title: f.Text, At: at(s, f), Planted: f.Seeded, Log: logOf(f)}
		c.Facts = findingFacts(s, f)
		c.Console, c.Cut = excerpt(f.Console)
		c.HasGuilty = slices.ContainsFunc(c.Console, func(l summary.Line) bool { return l.Guilty })
		c.Saved, c.Happened, c.Missing = captures(fmt.Sprintf("trials/%03d", f.Trial), f.Captures)
		cards = append(cards, c)
	}
	return cards
}

// at is the interval in which the edge lies.
func at(s summary.Summary, f summary.Finding) string {
	switch {
	case f.Kind == judge.Growth:
		return ""
	case f.Safe > 0:
		return fmt.Sprintf("fails at %s, not at %s", sizeOf(s, f.Broken), judge.Count(f.Safe))
	}
	return fmt.Sprintf("fails at %s, the smallest that was tried", sizeOf(s, f.Broken))
}

func findingFacts(s summary.Summary, f summary.Finding) (facts []fact) {
	add := func(name, text string) {
		if text != "" {
			facts = append(facts, fact{Name: name, Text: text})
		}
	}
	code := func(name, text string) {
		if text != "" {
			facts = append(facts, fact{Name: name, Text: text, Code: true})
		}
	}
	code("Signature", f.Signature)
	code("Function", f.Function)
	code("Subsystem", f.Subsystem)
	if s := f.Search; s != nil {
		add("Search", search(*s))
		add("Because", s.Why)
		add("How often", rate(*s))
	} else if f.Kind != judge.Growth {
		add("Search", "none: the size is the ladder's")
	}
	add("Confidence", confidence(f))
	code("During", f.Op)
	for _, also := range f.Also {
		code("Also seen", also)
	}
	if f.Trial > 0 {
		add("Seen in", fmt.Sprintf("trial %d", f.Trial))
	}
	return facts
}

func search(s judge.Search) string {
	return fmt.Sprintf("%s, in %s; the ladder said %s to %s", s.Verdict, plural(s.Boots, "fresh VM", "fresh VMs"),
		judge.Count(s.Ladder[0]), judge.Count(s.Ladder[1]))
}

// rate is how many VMs fail at and above the broken size.
func rate(s judge.Search) string {
	if s.Rate <= 0 {
		return ""
	}
	return fmt.Sprintf("%.0f%% of the VMs (%.0f%% to %.0f%%)", 100*s.Rate, 100*s.RateLow, 100*s.RateHigh)
}

// excerpt keeps the head of a long console, and of what is cut the guilty lines.
func excerpt(all []summary.Line) (lines []summary.Line, cut string) {
	if len(all) <= longest {
		return all, ""
	}
	lines = slices.Clone(all[:longest])
	for _, l := range all[longest:] {
		if l.Guilty && len(lines) < 2*longest {
			lines = append(lines, l)
		}
	}
	return lines, plural(len(all)-len(lines), "line more", "lines more")
}

// captures sorts what was saved of a guest from what was only noticed and what could not be had.
func captures(folder string, all []trial.Capture) (saved []link, happened, missing []string) {
	for _, c := range all {
		switch {
		case c.Err != "":
			missing = append(missing, c.What+" ("+c.Err+")")
		case c.File != "":
			saved = append(saved, linkTo(folder, c.File))
		default:
			happened = append(happened, c.What)
		}
	}
	return saved, happened, missing
}
