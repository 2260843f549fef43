//go:build linux

package guest

import (
	"fmt"
	"strings"

	"brink/internal/guest"
	"brink/internal/trial"
)

// mismatch is a block that does not hold what it should.
type mismatch struct {
	class string // zeros, stale, foreign, early, torn or garbage: part of the signature
	says  string
}

// diagnose tells what a block holds that differs from all versions low to high of its place, from word `at` on.
func diagnose(block []byte, p place, low, high version, at int) mismatch {
	got := asWords(block)
	if zeros(got) {
		return mismatch{"zeros", "zeros"}
	}
	head := place{got[headFile], got[headBlock]}
	found := head.content(version(got[headVersion]))
	switch {
	case got[headMagic] != magic || got[headVersion]&uint64(isData) == 0:
		return mismatch{"garbage", fmt.Sprintf("no block at all, from byte %d on", at*8)}
	case differs(block, found) >= 0:
		return torn(got, p, found, low, high)
	case head != p:
		return mismatch{"foreign", fmt.Sprintf("block %d of file %d, version %d", head.block, head.file, found.version)}
	case found.version < low:
		return mismatch{"stale", fmt.Sprintf("version %d", found.version)}
	}
	return mismatch{"early", fmt.Sprintf("version %d", found.version)}
}

// torn tells a block that begins as one version and goes on as something else.
func torn(got []uint64, p place, found content, low, high version) mismatch {
	end := 0
	for end < words && found.word(end) == got[end] {
		end++
	}
	rest := "something else"
	switch {
	case zeros(got[end:]):
		rest = "zeros"
	default:
		for v := max(low, 16) - 16; v <= high+16; v++ {
			if c := p.content(v); v != found.version && c.word(end) == got[end] {
				rest = fmt.Sprintf("version %d", v)
				break
			}
		}
	}
	return mismatch{"torn", fmt.Sprintf("%d bytes of version %d of block %d of file %d and then %s",
		end*8, found.version, found.at.block, found.at.file, rest)}
}

func zeros(got []uint64) bool {
	for _, w := range got {
		if w != 0 {
			return false
		}
	}
	return true
}

// wanted says what a place should hold.
func wanted(low, high version) string {
	name := func(v version) string {
		if v&isData == 0 {
			return fmt.Sprintf("a hole (version %d)", v)
		}
		return fmt.Sprintf("its own version %d", v)
	}
	if low == high {
		return name(low)
	}
	return fmt.Sprintf("%s to %s", name(low), name(high))
}

// corruption is the error of a block that is wrong. via says how it was seen: read, fault, direct, clone, scrub.
func corruption(via, name string, block []byte, p place, low, high version, at int) error {
	m := diagnose(block, p, low, high, at)
	return &guest.FaultError{Failure: trial.Failure{
		Kind: trial.Corruption, Signature: "corruption:" + m.class + ":" + via, Subsystem: "mm/filemap",
		Title: fmt.Sprintf("%s of block %d of %s returns %s instead of %s", via, p.block, name, m.says, wanted(low, high)),
		Text:  dump(block, p, low, at),
	}}
}

// dump shows the head of a block and the words around the first wrong one, each beside the one that should be there.
func dump(block []byte, p place, v version, at int) string {
	var b strings.Builder
	got, want := asWords(block), p.content(v)
	line := func(i int) { fmt.Fprintf(&b, "%04x: %016x, wanted %016x\n", i*8, got[i], want.word(i)) }
	for i := range headWords {
		line(i)
	}
	for i := max(headWords, at-4); i < min(words, at+4); i++ {
		line(i)
	}
	return b.String()
}
