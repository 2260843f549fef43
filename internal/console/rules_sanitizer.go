package console

import "strings"

// sanitizerRules: mm/kasan/report.c, mm/kfence/report.c, mm/kmsan/report.c, kernel/kcsan/report.c, lib/ubsan.c.
func sanitizerRules() []rule {
	return []rule{
		{lit: "BUG: KASAN: ", kind: Warning, class: "KASAN", pick: fromTrace, fill: fillSanitizer},
		{lit: "BUG: KFENCE: ", kind: Warning, class: "KFENCE", pick: fromTrace, fill: fillSanitizer},
		{lit: "BUG: KMSAN: ", kind: Warning, class: "KMSAN", pick: fromTrace, fill: fillSanitizer},
		{lit: "BUG: KCSAN: ", kind: Warning, class: "KCSAN", pick: fromTrace, fill: fillSanitizer},
		{lit: "UBSAN: ", start: true, kind: Warning, class: "UBSAN", pick: fromTrace, fill: fillUBSAN},
	}
}

// fillSanitizer reads "BUG: KASAN: use-after-free in foo+0x1/0x2".
func fillSanitizer(r *Report, f *facts) {
	rest := after(f.first, "BUG: "+r.Class+": ")
	what, where, _ := strings.Cut(rest, " in ")
	what = strings.TrimSpace(what)
	f.named = funcIn(where)
	switch r.Class {
	case "KCSAN":
		f.named = firstOf(f.named, racer(where))
		what = strings.TrimSuffix(what, ": racing")
	case "KASAN":
		what = kasanBug(what)
	}
	r.Class += ": " + what
	f.head = r.Class
	if f.access != "" && strings.HasPrefix(r.Class, "KASAN") && !strings.Contains(what, "free ") {
		f.head += " " + f.access
	}
}

// kasanBug folds the names that one kind of bug had over the years.
func kasanBug(what string) string {
	switch {
	case strings.HasPrefix(what, "double-free"), strings.HasPrefix(what, "invalid-free"):
		return "invalid-free"
	case strings.HasPrefix(what, "null-ptr-deref"):
		return "null-ptr-deref"
	case strings.HasPrefix(what, "user-memory-access"):
		return "user-memory-access"
	}
	what, _, _ = strings.Cut(what, " on address")
	return what
}

// racer is the first of the functions of a data race: "foo / bar".
func racer(where string) string {
	where, _, _ = strings.Cut(where, " / ")
	return bare(strings.TrimSpace(where))
}

// fillUBSAN reads "UBSAN: array-index-out-of-bounds in fs/x.c:12:3" and the older "UBSAN: Undefined behaviour in …".
func fillUBSAN(r *Report, f *facts) {
	what, where, _ := strings.Cut(after(f.first, "UBSAN: "), " in ")
	what = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(what), " ", "-"))
	r.Class = "UBSAN: " + what
	f.head = r.Class
	f.path = pathIn(where)
}
