package explain

// Next returns the arm that needs the next VM: first the control; then, if the failure came back there at least once,
// the others by turns, so that an experiment that is cut short has tried all of them. Arms that are given up are left out.
func Next(arms []Arm, repeat int, givenUp map[string]bool) (Arm, bool) {
	if len(arms) == 0 {
		return Arm{}, false
	}
	control := arms[0]
	if control.Trials() < repeat && !givenUp[control.Name] {
		return control, true
	}
	if control.Failed == 0 {
		return Arm{}, false
	}
	var next Arm
	found := false
	for _, a := range arms[1:] {
		if a.Skipped != "" || givenUp[a.Name] || a.Trials() >= a.Wanted(repeat) || pointless(arms, a) {
			continue
		}
		if !found || a.Trials() < next.Trials() {
			next, found = a, true
		}
	}
	return next, found
}

// pointless reports whether an arm has a control other than the first that has never shown the failure; or where the arm is
// to bring it back, has shown it.
func pointless(arms []Arm, a Arm) bool {
	base, ok := find(arms, a.Base)
	if a.otherSide() {
		return ok && base.Failed > 0
	}
	return ok && base.Trials() > 0 && base.Failed == 0
}

func find(arms []Arm, name string) (Arm, bool) {
	for _, a := range arms {
		if a.Name == name {
			return a, true
		}
	}
	return Arm{}, false
}
