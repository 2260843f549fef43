package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"brink/internal/question"
	"brink/internal/scenario"
)

// plainWord needs no quotes in a shell.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-][A-Za-z0-9_@%+=:,./~-]*$`)

// word quotes a word of a command that is printed to be copied, where a shell would take it for something else.
func word(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return quoted(text)
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// turned is the command with its ends the other way round, and all else that says what is asked.
func (c *bisectCmd) turned() string {
	command := "brink bisect " + word(c.Scenario)
	flag := func(name, value string) {
		if value != "" {
			command += " --" + name + " " + word(value)
		}
	}
	flag("git", c.Git)
	flag("good", c.Bad)
	flag("bad", c.Good)
	flag("kernel", c.Kernel)
	if c.Expect != "" {
		command += " --expect " + quoted(c.Expect)
	}
	flag("axis", c.Axis)
	if c.From != nil {
		flag("from", fmt.Sprint(*c.From))
	}
	if c.To != nil {
		flag("to", fmt.Sprint(*c.To))
	}
	flag("sizes", strings.Trim(strings.ReplaceAll(fmt.Sprint(c.Sizes), " ", ","), "[]"))
	for _, name := range slices.Sorted(maps.Keys(c.Set)) {
		flag("set", name+"="+c.Set[name])
	}
	if c.Seed != nil {
		flag("seed", fmt.Sprint(*c.Seed))
	}
	return command
}

// command asks another question of the same candidates.
func command(h question.Head, spec scenario.Spec, q question.Question) string {
	first, last := h.Candidates[0], h.Candidates[len(h.Candidates)-1]
	text := "brink bisect " + word(h.Scenario)
	if h.Repository != "" {
		text += " --git " + word(h.Repository)
	}
	text += " --good " + word(first.ID) + " --bad " + word(last.ID)
	if h.Source == moduleTree {
		text += " --kernel " + word(last.Ref)
	}
	if !h.Ordered {
		var between []string
		for _, c := range h.Candidates[1 : len(h.Candidates)-1] {
			between = append(between, c.Ref)
		}
		text += " --kernels " + word(strings.Join(between, ","))
	}
	text += " --expect " + quoted(q.String())
	if len(spec.Axes) > 0 && h.Axis != "" && h.Axis != spec.Axes[0].Name {
		text += " --axis " + word(h.Axis)
	}
	if h.Seed > 1 {
		text += fmt.Sprintf(" --seed %d", h.Seed)
	}
	return text + setFlags(h, spec)
}
