package formats

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"brink/internal/judge"
	"brink/internal/summary"
)

// The elements of JUnit XML that Jenkins (its junit-10.xsd), GitLab and GitHub's readers agree on.
type (
	junitSuites struct {
		XMLName  xml.Name `xml:"testsuites"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Suites   []junitSuite
	}
	junitSuite struct {
		XMLName    xml.Name        `xml:"testsuite"`
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"`                // seconds of the guest
		Timestamp  string          `xml:"timestamp,attr,omitempty"` // UTC
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		XMLName xml.Name   `xml:"testcase"`
		Class   string     `xml:"classname,attr"`
		Name    string     `xml:"name,attr"`
		Time    string     `xml:"time,attr"` // seconds of the guest
		Failure *junitNote `xml:"failure"`
		Error   *junitNote `xml:"error"`
		Skipped *junitNote `xml:"skipped"`
		Out     *junitText `xml:"system-out"`
	}
	junitNote struct {
		Type    string `xml:"type,attr,omitempty"`
		Message string `xml:"message,attr"`
		Text    string `xml:",cdata"`
	}
	junitText struct {
		Text string `xml:",cdata"`
	}
)

// JUnit writes runs as JUnit XML: a test suite for each run, a test case for each op, each canary, each limit of a signal
// that was recorded, the kernel and the run as a whole. Findings are failures; faults of the harness and what an
// interrupted run left out are errors; what was not possible or not reached is skipped. Times are guest time, as the
// property time says.
func JUnit(w io.Writer, runs ...summary.Summary) error {
	all := junitSuites{Name: "brink"}
	for _, s := range runs {
		suite := junitRun(s)
		all.Suites = append(all.Suites, suite)
		all.Tests, all.Failures, all.Errors = all.Tests+suite.Tests, all.Failures+suite.Failures, all.Errors+suite.Errors
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("encode JUnit: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	return err
}

func junitRun(s summary.Summary) junitSuite {
	suite := junitSuite{
		Name:       line(fmt.Sprintf("%s on %s (%s)", s.Scenario.Name, s.Kernel.Name, s.Run)),
		Properties: junitProperties(s),
	}
	if s.Seeded {
		suite.Name = "SEEDED " + suite.Name
	}
	if !s.Start.IsZero() {
		suite.Timestamp = s.Start.UTC().Format("2006-01-02T15:04:05")
	}
	var took time.Duration
	for _, c := range checks(s) {
		// Readers follow a test over time by its class and name: the kernel belongs to it, the run does not.
		out := junitCase{
			Class: "brink." + word(s.Scenario.Name) + "." + word(s.Kernel.Name),
			Name:  c.label(),
			Time:  seconds(c.took, 6),
		}
		if text := timings(s, c); text != "" {
			out.Out = &junitText{text}
		}
		note := &junitNote{Message: c.why}
		switch c.result {
		case failed:
			note.Type, note.Text = junitFailure(c)
			out.Failure = note
			suite.Failures++
		case lost:
			note.Type, out.Error = "harness", note
			suite.Errors++
		case skipped:
			out.Skipped = note
			suite.Skipped++
		}
		suite.Cases = append(suite.Cases, out)
		took += c.took
	}
	suite.Tests, suite.Time = len(suite.Cases), seconds(took, 3)
	return suite
}

// junitFailure returns the kind of a failure and its evidence.
func junitFailure(c check) (kind, text string) {
	if len(c.findings) == 0 { // its trial was lost to something that the kernel's check tells
		return "op", c.why
	}
	var b strings.Builder
	for _, f := range c.findings {
		b.WriteString(evidence(f) + "\n")
	}
	return line(string(c.findings[0].Kind)), b.String()
}

func junitProperties(s summary.Summary) []junitProperty {
	var all []junitProperty
	add := func(name, value string) { all = append(all, junitProperty{name, line(value)}) }
	add("time", "seconds of the guest's clock")
	add("clock", string(s.Machine.Clock))
	add("run", s.Run)
	add("kernel", s.Kernel.Name)
	add("release", s.Kernel.Release)
	add("machine", machine(s))
	add("options", options(s))
	add("axis", s.Scenario.Axis)
	add("safe", strconv.FormatInt(s.Verdict.Safe, 10))
	add("broken", strconv.FormatInt(s.Verdict.Broken, 10))
	add("seeded", strconv.FormatBool(s.Seeded))
	add("finished", strconv.FormatBool(s.Finished))
	add("harness-faults", strconv.Itoa(s.Verdict.Harness))
	add("verdict", verdict(s))
	return all
}

// timings lists the medians of an op, for a person.
func timings(s summary.Summary, c check) string {
	if c.op == nil {
		return ""
	}
	var b strings.Builder
	for _, p := range c.parts {
		if p.point != nil && len(p.point.Samples) > 0 {
			fmt.Fprintf(&b, "%s %s: %s\n", judge.Count(p.size), line(s.Scenario.Axis),
				judge.Duration(time.Duration(p.point.MedianNS)))
		}
	}
	if c.op.ModelText != "" {
		fmt.Fprintf(&b, "growth: %s\n", line(c.op.ModelText))
	}
	return b.String()
}

// seconds prints a duration with so many digits behind the point.
func seconds(d time.Duration, digits int) string {
	return strconv.FormatFloat(max(0, d).Seconds(), 'f', digits, 64)
}
