package bisect

import (
	"bytes"
	"fmt"
	"io"
)

// Write writes the record. `git bisect replay` accepts it as long as no commit was called both good and bad: git knows
// no second opinion, while here every run is in it. An unrelated crash is a comment, which git leaves out.
func (r Record) Write(w io.Writer) error {
	if err := r.check(); err != nil {
		return err
	}
	var b bytes.Buffer
	if r.Bad.ID != "" {
		comment(&b, r.Terms.Bad, r.Bad)
	}
	for _, g := range r.Good {
		comment(&b, r.Terms.Good, g)
	}
	r.start(&b)
	for _, e := range r.Entries {
		r.entry(&b, e)
	}
	if len(r.First) == 1 {
		comment(&b, "first "+r.Terms.Bad+" commit", r.First[0])
	}
	if len(r.First) > 1 {
		b.WriteString("# only skipped commits left to test\n")
		for _, c := range r.First {
			comment(&b, "possible first "+r.Terms.Bad+" commit", c)
		}
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write record: %w", err)
	}
	return nil
}

// check refuses what could not be read again.
func (r Record) check() error {
	if !r.Terms.valid() {
		return fmt.Errorf("write record: %q and %q cannot be the terms", r.Terms.Bad, r.Terms.Good)
	}
	names := append(append([]Name{}, r.Good...), r.First...)
	if r.Bad.ID != "" {
		names = append(names, r.Bad)
	} else if len(r.Good) > 0 {
		return fmt.Errorf("write record: there is a good end, and no bad one")
	}
	for _, e := range r.Entries {
		if _, ok := r.Terms.answer(string(e.Answer)); !ok && e.Answer != Bad && e.Answer != Good {
			return fmt.Errorf("write record: %q of %s is no answer to keep", e.Answer, e.ID)
		}
		names = append(names, e.Name)
	}
	for _, n := range names {
		if !validID(n.ID) {
			return fmt.Errorf("write record: %q is no name of a candidate", n.ID)
		}
	}
	return nil
}

func (r Record) start(b *bytes.Buffer) {
	b.WriteString("git bisect start")
	if r.Terms != UsualTerms() {
		fmt.Fprintf(b, " '--term-new=%s' '--term-old=%s'", r.Terms.Bad, r.Terms.Good)
	}
	if r.Bad.ID != "" {
		fmt.Fprintf(b, " '%s'", r.Bad.ID)
	}
	for _, g := range r.Good {
		fmt.Fprintf(b, " '%s'", g.ID)
	}
	b.WriteString("\n")
}

func (r Record) entry(b *bytes.Buffer, e Entry) {
	word := r.Terms.word(e.Answer)
	comment(b, word, e.Name)
	if text := clean(e.Text); text != "" {
		fmt.Fprintf(b, "# seen: %s\n", text)
	}
	if e.Answer != Other {
		fmt.Fprintf(b, "git bisect %s %s\n", word, e.ID)
	}
}

func comment(b *bytes.Buffer, word string, n Name) {
	fmt.Fprintf(b, "# %s: [%s]", word, n.ID)
	if s := clean(n.Subject); s != "" {
		b.WriteString(" " + s)
	}
	b.WriteString("\n")
}
