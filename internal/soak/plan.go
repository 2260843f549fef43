package soak

// plan says which VM is started next.
type plan struct {
	seed    uint64
	arms    int
	ordinal int
	round   int // how many seeds were used
}

// newPlan goes on behind what was recorded. The seeds of VMs that left nothing behind may be used again.
func newPlan(seed uint64, arms, before int, done []Result) plan {
	p := plan{seed: seed, arms: arms, ordinal: before}
	for _, r := range done {
		p.ordinal = max(p.ordinal, r.Ordinal)
		p.round = max(p.round, int(r.Seed-seed)+1)
	}
	return p
}

// next are the jobs for a place: one VM for each arm, with one seed.
func (p *plan) next(place int) (jobs []Job) {
	p.round++
	for arm := range p.arms {
		p.ordinal++
		job := Job{Ordinal: p.ordinal, Slot: place*p.arms + arm, Arm: arm, Seed: p.seed + uint64(p.round-1)}
		if p.arms > 1 {
			job.Race = p.round
		}
		jobs = append(jobs, job)
	}
	return jobs
}
