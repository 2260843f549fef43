package explain

import (
	"slices"
	"strings"
)

// dependents are the features that need another one, as the kernel sees it (arch/x86/kernel/cpu/cpuid-deps.c). A processor
// that lacks the one and has the other does not exist, so they go together.
func dependents() map[string][]string {
	return map[string][]string{
		"aes":       {"vaes"},
		"avx":       {"avx2", "fma", "vaes", "vpclmulqdq"},
		"avx2":      {"avx512f"},
		"pclmulqdq": {"vpclmulqdq"},
		"xsave":     {"avx", "xsaveopt", "xsavec", "xsaves"},
	}
}

// closure is a feature and all that need it, itself first.
func closure(feature string) []string {
	all, needs := []string{feature}, dependents()
	for i := 0; i < len(all); i++ {
		for _, d := range needs[all[i]] {
			if !slices.Contains(all, d) {
				all = append(all, d)
			}
		}
	}
	return all
}

// covers reports whether taking one feature away takes the other one, too.
func covers(feature, other string) bool {
	return feature != other && slices.Contains(closure(feature), other)
}

// Without returns QEMU's -cpu value without a feature and what needs it, as far as the CPU has it. Where it is not known what
// the CPU has (nil), all are named.
func Without(cpu, feature string, has map[string]bool) string {
	model, terms := split(cpu)
	for _, f := range closure(feature) {
		terms = slices.DeleteFunc(terms, func(t string) bool { return t == "+"+f || t == f+"=on" })
		if !slices.ContainsFunc(terms, func(t string) bool { return t == "-"+f || t == f+"=off" }) && (f == feature || has == nil || has[f]) {
			terms = append(terms, "-"+f)
		}
	}
	return strings.Join(append([]string{model}, terms...), ",")
}

// With returns QEMU's -cpu value with a feature that was left out, and what was left out because it needs that one.
func With(cpu, feature string) string {
	model, terms := split(cpu)
	back := closure(feature)
	terms = slices.DeleteFunc(terms, func(t string) bool { return slices.Contains(back, left(t)) })
	return strings.Join(append([]string{model}, terms...), ",")
}

// LeftOut returns the features that a -cpu value leaves out, without those that need another one of them.
func LeftOut(cpu string) []string {
	var all []string
	_, terms := split(cpu)
	for _, t := range terms {
		if f := left(t); f != "" && !slices.Contains(all, f) {
			all = append(all, f)
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(f string) bool {
		return slices.ContainsFunc(all, func(other string) bool { return covers(other, f) })
	})
}

// left is the feature that a term of a -cpu value leaves out, if it does.
func left(term string) string {
	if f, ok := strings.CutPrefix(term, "-"); ok {
		return f
	}
	f, _ := strings.CutSuffix(term, "=off")
	if f == term {
		return ""
	}
	return f
}

func split(cpu string) (model string, terms []string) {
	terms = strings.Split(cpu, ",")
	return terms[0], terms[1:]
}

// upper is a feature as manuals write it.
func upper(feature string) string { return strings.ToUpper(feature) }
