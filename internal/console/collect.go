package console

// maxReports is how many different reports Parse keeps.
const maxReports = 256

// collector keeps the first report of each signature and counts the others.
type collector struct {
	reports []Report
	index   map[string]int
}

func (c *collector) add(r Report) {
	if c.index == nil {
		c.index = map[string]int{}
	}
	name := r.Signature()
	if i, ok := c.index[name]; ok {
		c.reports[i].Repeats += 1 + r.Repeats
		c.reports[i].Fatal = c.reports[i].Fatal || r.Fatal
		return
	}
	if len(c.reports) < maxReports {
		c.index[name] = len(c.reports)
		c.reports = append(c.reports, r)
	}
}
