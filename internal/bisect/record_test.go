package bisect

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The files were written by git 2.39.
func gitLog(t testing.TB, name string) Record {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	require.NoError(t, err)
	defer f.Close()
	r, err := ParseRecord(f)
	require.NoError(t, err)
	return r
}

const (
	c1  = "d29b60b1520a80a2dcb75c16718e97d1dba7865d"
	c10 = "dd6e163d1b2d646fc0eb013597202ae9bcd3e56b"
	c11 = "bab722e210719158cf5f759d4578c88b581dfbd8"
	c13 = "0cc22e9fe3bd5af55195e0dd76c21b8b2be13207"
	c16 = "0c096ec318ccfa210e1246741b46c63570ccf3bf"
	c20 = "4986c0fcaef1c7fd8d9070df95bade1c5a9b247a"
)

func called(id, n string) Name { return Name{id, "commit " + n + ": a 'quoted' [thing]"} }

func TestReadsGitsLog(t *testing.T) {
	r := gitLog(t, "git-ranges.log")
	assert.Equal(t, called(c20, "20"), r.Bad)
	assert.Equal(t, []Name{called(c1, "1")}, r.Good)
	assert.Equal(t, []Entry{{called(c10, "10"), Skip, ""}, {called(c11, "11"), Good, ""}, {called(c16, "16"), Bad, ""}}, r.Entries)
	assert.Empty(t, r.First)
}

func TestReadsGitsTerms(t *testing.T) {
	r := gitLog(t, "git-terms.log")
	assert.Equal(t, Terms{"slow", "fast"}, r.Terms)
	assert.Empty(t, r.Bad)
	require.Len(t, r.Entries, 6)
	assert.Equal(t, Entry{called(c20, "20"), Bad, ""}, r.Entries[0])
	assert.Equal(t, Entry{called(c10, "10"), Good, ""}, r.Entries[1])
	assert.Equal(t, Entry{called(c11, "11"), Skip, ""}, r.Entries[3])
	assert.Equal(t, Entry{called(c13, "13"), Bad, ""}, r.Entries[5])
	require.Len(t, r.First, 2)
	assert.Equal(t, called(c13, "13"), r.First[0])

	bad, good := r.Ends()
	assert.Equal(t, c20, bad.ID)
	assert.Equal(t, []Name{called(c10, "10")}, good)
}

func TestReadsWhatGitFound(t *testing.T) {
	r := gitLog(t, "git-found.log")
	assert.Equal(t, []Name{called(c16, "16")}, r.First)
	runs, unknown := r.Observations([]string{c1, c16, c20})
	assert.Equal(t, []Observation{{2, Bad, ""}, {1, Bad, ""}}, runs)
	assert.Len(t, unknown, 3)
}

// TestReplayLeadsToTheSame: what git found in its log is what the search says of it, but for the runs it still wants.
func TestReplayLeadsToTheSame(t *testing.T) {
	ids := []string{"5c721a7bee19bd40b1eb4bb1a05305a296cda546", "73f6e1a868e5a6da0152bc63ab9de7fe900d4b43", c16,
		"241d9f45e8806564ce68905854eaa9ece64d07aa", "c18", "c19", c20}
	runs, unknown := gitLog(t, "git-found.log").Observations(ids)
	require.Empty(t, unknown)
	s := New(line(t, len(ids)))
	d := s.Next(runs, 1)
	assert.Equal(t, c16, ids[d.Result.FirstBad])
	assert.Greater(t, d.Result.Confidence, 0.5)
	for !d.Done {
		answer := Good
		if d.Try[0] >= 2 {
			answer = Bad
		}
		runs = append(runs, Observation{d.Try[0], answer, ""})
		d = s.Next(runs, 1)
	}
	assert.Equal(t, Found, d.Result.Verdict)
	assert.Less(t, len(runs), 15)
}

func sample() Record {
	return Record{
		Terms: UsualTerms(), Bad: Name{"7.2.13-1", "debian:7.2"}, Good: []Name{{"6.12.117-1", "debian:6.12"}},
		Entries: []Entry{
			{Name{"7.2.13-1", "debian:7.2"}, Bad, ""},
			{Name{"6.16.3-1", ""}, Other, "oops:elsewhere"},
			{Name{"6.16.3-1", ""}, Skip, "does not boot"},
			{Name{"6.17.1-1", "called \x1b[31mred\nand more"}, Good, ""},
		},
		First: []Name{{"6.18.1-1", "debian:6.18"}},
	}
}

func TestWritesLikeGit(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, sample().Write(&b))
	assert.Equal(t, `# bad: [7.2.13-1] debian:7.2
# good: [6.12.117-1] debian:6.12
git bisect start '7.2.13-1' '6.12.117-1'
# bad: [7.2.13-1] debian:7.2
git bisect bad 7.2.13-1
# other: [6.16.3-1]
# seen: oops:elsewhere
# skip: [6.16.3-1]
# seen: does not boot
git bisect skip 6.16.3-1
# good: [6.17.1-1] called  [31mred and more
git bisect good 6.17.1-1
# first bad commit: [6.18.1-1] debian:6.18
`, b.String())
	got, err := ParseRecord(&b)
	require.NoError(t, err)
	want := sample()
	want.Entries[3].Subject = "called  [31mred and more"
	assert.Equal(t, want, got)
}

func TestRecordRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "there is no line `git bisect start`",
		"git bisect bad abc":                    `line 1: "bad" comes before`,
		"git bisect start\ngit bisect run make": `line 2: "run" is no answer: the terms are bad, good and skip`,
		"git bisect start\ngit bisect other a":  `"other" is no answer`,
		"git bisect start\ngit bisect good a b": `"a b" is not one candidate`,
		"git bisect start\ngit bisect good":     `"" is not one candidate`,
		"git bisect start 'a":                   "a quotation mark is missing",
		"git bisect start --term-new=skip":      `"skip" and "good" cannot be the terms`,
		strings.Repeat("x", longest+1):          "line 1: ",
	} {
		_, err := ParseRecord(strings.NewReader(text))
		assert.ErrorContains(t, err, want)
	}
	for want, change := range map[string]func(*Record){
		"cannot be the terms":   func(r *Record) { r.Terms = Terms{} },
		"no name":               func(r *Record) { r.Entries[0].ID = "a\nb" },
		"no answer to keep":     func(r *Record) { r.Entries[0].Answer = Running },
		"a good end, and no":    func(r *Record) { r.Bad = Name{} },
		"the disk is full":      func(*Record) {},
		`"" is no name of a ca`: func(r *Record) { r.First[0].ID = "" },
	} {
		r := sample()
		change(&r)
		assert.ErrorContains(t, r.Write(full{}), want)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

// TestReadsWhatPeopleWrite: by hand, with tabs, with the old spelling, and from before the ends are known.
func TestReadsWhatPeopleWrite(t *testing.T) {
	r, err := ParseRecord(strings.NewReader("some words\n\tgit-bisect\tstart v6.2 'v6.1' -- net\r\n" +
		"git bisect new aaa\r\ngit bisect old 'bbb'\ngit bisect terms\ngit bisectors unite\n"))
	require.NoError(t, err)
	assert.Equal(t, Name{ID: "v6.2"}, r.Bad)
	assert.Equal(t, []Name{{ID: "v6.1"}}, r.Good)
	assert.Equal(t, []Entry{{Name{ID: "aaa"}, Bad, ""}, {Name{ID: "bbb"}, Good, ""}}, r.Entries)
}

func FuzzParseRecord(f *testing.F) {
	for _, name := range []string{"git-ranges.log", "git-terms.log", "git-found.log"} {
		text, err := os.ReadFile("testdata/" + name)
		require.NoError(f, err)
		f.Add(string(text))
	}
	var b bytes.Buffer
	require.NoError(f, sample().Write(&b))
	f.Add(b.String())
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseRecord(strings.NewReader(text))
		if err != nil {
			return
		}
		var b bytes.Buffer
		require.NoError(t, r.Write(&b), "what was read can be written")
		again, err := ParseRecord(&b)
		require.NoError(t, err)
		assert.Equal(t, r, again)
	})
}
