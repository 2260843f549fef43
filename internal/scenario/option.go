package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Option is a setting of a scenario, given as --set NAME=VALUE.
type Option struct {
	Name    string
	Help    string
	Default string
	Min     float64 // numbers only
	Max     float64
	Kind    OptionKind
	Choices []string // of a Choice
}

// OptionKind is the type of an option's value.
type OptionKind uint8

// The kinds of options.
const (
	Int OptionKind = iota + 1
	Float
	Bool
	Choice
)

// Settings are the values of all options of a spec, defaults included.
type Settings map[string]string

// Int returns the value of an Int option; Settings have been checked, so it cannot fail.
func (s Settings) Int(name string) int {
	n, _ := strconv.Atoi(s[name])
	return n
}

// Float returns the value of a Float option.
func (s Settings) Float(name string) float64 {
	f, _ := strconv.ParseFloat(s[name], 64)
	return f
}

// Bool returns the value of a Bool option.
func (s Settings) Bool(name string) bool { return s[name] == "true" }

// Settings fills in the defaults and checks what the user set.
func (s Spec) Settings(set map[string]string) (Settings, error) {
	all := Settings{}
	for _, o := range s.Options {
		all[o.Name] = o.Default
	}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		i := slices.IndexFunc(s.Options, func(o Option) bool { return o.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("unknown option %q of scenario %s: it has %s", name, s.Name, s.optionNames())
		}
		value, err := s.Options[i].parse(set[name])
		if err != nil {
			return nil, err
		}
		all[name] = value
	}
	return all, nil
}

func (s Spec) optionNames() string {
	if len(s.Options) == 0 {
		return "none"
	}
	var names []string
	for _, o := range s.Options {
		names = append(names, o.Name)
	}
	return strings.Join(names, ", ")
}

// parse checks one value and returns its canonical text.
func (o Option) parse(text string) (string, error) {
	if o.Kind == Bool {
		b, err := strconv.ParseBool(text)
		if err != nil {
			return "", fmt.Errorf("option %s: %q is not true or false", o.Name, text)
		}
		return strconv.FormatBool(b), nil
	}
	if o.Kind == Choice {
		if !slices.Contains(o.Choices, text) {
			return "", fmt.Errorf("option %s: unknown %q: choose one of %s", o.Name, text, strings.Join(o.Choices, ", "))
		}
		return text, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != f || (o.Kind == Int && f != float64(int64(f))) {
		return "", fmt.Errorf("option %s: %q is not a %s", o.Name, text, map[OptionKind]string{Int: "whole number", Float: "number"}[o.Kind])
	}
	if f < o.Min || f > o.Max {
		return "", fmt.Errorf("option %s: %s is out of range, choose %s to %s", o.Name, text,
			strconv.FormatFloat(o.Min, 'f', -1, 64), strconv.FormatFloat(o.Max, 'f', -1, 64))
	}
	if o.Kind == Int {
		return strconv.FormatInt(int64(f), 10), nil
	}
	return strconv.FormatFloat(f, 'g', -1, 64), nil
}
