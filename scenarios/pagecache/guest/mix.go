//go:build linux

package guest

// weights say how often each class of action is done in mode mix, of 100. What is read is more than what is dropped and reclaimed by
// hand, so that it is the limit that takes pages away.
var weights = [classes]int{
	reading: 34, readingDirect: 4, faulting: 17,
	writing: 8, writingDirect: 3, storing: 5, truncating: 3, punching: 3, cloning: 4,
	readingAhead: 6, dropping: 8, syncing: 3, reclaiming: 2,
}

// newMix returns what a thread does in mode mix.
func newMix(b *bout) func(*thread) error {
	left := weights
	if !b.clones {
		left[cloning] = 0
	}
	var deck []class
	for c, n := range left {
		for range n {
			deck = append(deck, class(c))
		}
	}
	return func(t *thread) error {
		return t.repeat(func() error { return t.act(deck[t.rand.IntN(len(deck))]) })
	}
}

// act does one action of a class on some file. A change that somebody else's keeps out is a read instead.
func (t *thread) act(c class) error {
	f := t.bout.files[t.rand.IntN(len(t.bout.files))]
	switch c {
	case faulting:
		return t.fault(f, t.span(f, 16))
	case readingDirect:
		return t.readDirect(f, t.span(f, maxSpan))
	case readingAhead:
		return t.ahead(f, t.span(f, f.blocks))
	case dropping:
		return t.drop(f, t.span(f, maxSpan))
	case syncing:
		return t.sync(f)
	case reclaiming:
		return t.reclaim()
	}
	if c != reading {
		if done, err := t.change(f, func() error { return t.alter(c, f) }); done || err != nil {
			return err
		}
	}
	switch t.rand.IntN(8) {
	case 0:
		return t.stream(f, t.span(f, 512))
	case 1, 2:
		return t.read(reading, f, f.random, t.span(f, maxSpan))
	}
	return t.read(reading, f, f.fd, t.span(f, maxSpan))
}

// alter does one change.
func (t *thread) alter(c class, f *file) error {
	switch s := t.span(f, 16); c {
	case writing:
		return t.write(c, f, f.fd, s)
	case writingDirect:
		return t.write(c, f, f.direct, s)
	case storing:
		return t.store(f, s)
	case punching:
		return t.punch(f, s)
	case truncating:
		return t.truncate(f, f.blocks-1-t.rand.IntN(min(f.blocks, maxSpan)))
	}
	return t.copyOf(f, t.span(f, maxSpan))
}

// hot is how many blocks of each file half of all actions meet on.
const hot = 64

// span chooses a run of up to most blocks.
func (t *thread) span(f *file, most int) span {
	n := 1 + t.rand.IntN(min(most, f.blocks))
	last := f.blocks - n
	if t.rand.IntN(2) == 0 {
		last = min(last, hot)
	}
	return span{t.rand.IntN(last + 1), n}
}
