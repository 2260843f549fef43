package console

import "strings"

// book knows the functions that mean something to the search for the guilty one; the frames_*.go hold the lists.
type book struct {
	plumbing    names            // the machinery of reporting itself
	reporters   names            // report what their caller found
	library     names            // does what its caller told it
	waits       names            // waits for somebody else
	entries     names            // interrupt entries
	detectors   names            // notice a stall
	watchers    names            // what runs in those that notice a stall
	dispatchers names            // call a handler that says what is going on
	faults      names            // call a handler too, but on behalf of what lies below
	crossCPU    names            // wait for another CPU
	idlers      names            // nothing to do with it
	classes     map[string]names // messengers for one class of failure
	prefixes    []subsystemPrefix
}

func newBook() *book {
	classes := map[string]names{}
	for class, list := range classFrames() {
		classes[class] = newNames(list)
	}
	return &book{
		classes:     classes,
		plumbing:    newNames(plumbingFrames()),
		reporters:   newNames(reporterFrames()),
		library:     newNames(libraryFrames()),
		waits:       newNames(waitFrames()),
		entries:     newNames(entryFrames()),
		detectors:   newNames(detectorFrames()),
		watchers:    newNames(watcherFrames()),
		dispatchers: newNames(dispatcherFrames()),
		faults:      newNames(faultFrames()),
		crossCPU:    newNames(crossCPUFrames()),
		idlers:      newNames(idleFrames()),
		prefixes:    subsystemPrefixes(),
	}
}

// messenger reports whether blaming the function for a failure of the class would be blaming the messenger.
func (b *book) messenger(name, class string) bool {
	family, _, _ := strings.Cut(class, ":")
	return b.plumbing.has(name) || b.library.has(name) || b.classes[class].has(name) || b.classes[family].has(name)
}

// names is a set of function names; "foo*" stands for all that begin with foo, "*foo" for all that end in it, "*foo*"
// for all that hold it.
type names struct {
	exact, prefix  map[string]bool
	inside, suffix []string
	longest        int
	known          map[string]bool // answers given
}

// maxKnown bounds the answers that a set of names remembers.
const maxKnown = 2048

func newNames(list string) names {
	n := names{exact: map[string]bool{}, prefix: map[string]bool{}, known: map[string]bool{}}
	for _, s := range strings.Fields(list) {
		p, ok := strings.CutSuffix(s, "*")
		switch {
		case ok && p[0] == '*':
			n.inside = append(n.inside, p[1:])
		case s[0] == '*':
			n.suffix = append(n.suffix, s[1:])
		case ok:
			n.prefix[p] = true
			n.longest = max(n.longest, len(p))
		default:
			n.exact[s] = true
		}
	}
	return n
}

// has reports whether the set holds a name. The same few names come again and again in a storm.
func (n names) has(name string) bool {
	if n.exact == nil {
		return false
	}
	yes, ok := n.known[name]
	if ok {
		return yes
	}
	if len(n.known) >= maxKnown {
		clear(n.known)
	}
	yes = n.holds(name)
	n.known[strings.Clone(name)] = yes
	return yes
}

func (n names) holds(name string) bool {
	if n.exact[name] {
		return true
	}
	for i := 2; i <= min(len(name), n.longest); i++ {
		if n.prefix[name[:i]] {
			return true
		}
	}
	for _, in := range n.inside {
		if strings.Contains(name, in) {
			return true
		}
	}
	for _, end := range n.suffix {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}
