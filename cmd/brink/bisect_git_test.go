package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/question"
	"brink/scenarios/seeded"
	"brink/scenarios/wireguard"
	"brink/vmimages"
	moduleseeded "brink/vmimages/seeded"
)

// repository makes a git repository, with time and author fixed.
func repository(t *testing.T) (dir string, git func(args ...string) string) {
	t.Helper()
	dir = t.TempDir()
	git = func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_AUTHOR_DATE=2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "git %v: %s", args, out)
		return strings.TrimSpace(string(out))
	}
	git("init", "--quiet", "--initial-branch=main")
	return dir, git
}

// commitFiles commits files with a subject.
func commitFiles(t *testing.T, dir string, git func(...string) string, subject string, files map[string]string) string {
	t.Helper()
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	git("add", "--all")
	git("commit", "--quiet", "--allow-empty", "--message", subject)
	return git("rev-parse", "HEAD")
}

// moduleRepository is a history of the seeded module: n commits, with a merge, that change a comment only, besides the one
// planted, which is the commit of that number (from 1) and adds the line to the walk.
func moduleRepository(t *testing.T, n, at int, line string) (dir string, ids []string, git func(...string) string) {
	t.Helper()
	dir, git = repository(t)
	source := moduleseeded.Source()
	program := string(source.Files["seeded.c"])
	const walk = "\tmode = seeded_mode;\n\tsize = seeded_entries;\n\tdue = mode && mode->fire && seeded_due(size);\n\tif (mode && mode->cost) {"
	require.Equal(t, 1, strings.Count(program, walk))
	for i := 1; i <= n; i++ {
		text := program
		if i >= at {
			text = strings.Replace(text, walk, line+walk, 1)
			text = strings.Replace(text, "#include <linux/rcupdate.h>\n", "#include <linux/random.h>\n#include <linux/rcupdate.h>\n", 1)
		}
		files := map[string]string{"Kbuild": string(source.Files["Kbuild"]), "seeded.c": text + fmt.Sprintf("/* change %d */\n", i)}
		ids = append(ids, commitFiles(t, dir, git, fmt.Sprintf("seeded: change %d", i), files))
	}
	return dir, ids, git
}

func commitsOf(t *testing.T, c bisectCmd) ([]question.Candidate, question.Head, string, error) {
	t.Helper()
	var errs bytes.Buffer
	a := &app{ctx: t.Context(), err: &errs, log: slog.New(slog.DiscardHandler)}
	h := question.Head{}
	cands, err := c.commits(t.Context(), a, seeded.Spec(), &h)
	return cands, h, errs.String(), err
}

func TestCommitsOfAModule(t *testing.T) {
	dir, ids, git := moduleRepository(t, 6, 4, "")
	cands, h, said, err := commitsOf(t, bisectCmd{Git: dir, Good: "HEAD~5", Bad: "HEAD", Kernel: "debian:6.1"})
	require.NoError(t, err)
	assert.Empty(t, said)
	assert.Equal(t, moduleTree, h.Source)
	require.Len(t, cands, 6)
	for i, c := range cands {
		assert.Equal(t, ids[i], c.ID)
		assert.Equal(t, ids[i], c.Module)
		assert.Equal(t, "debian:6.1", c.Ref)
		assert.Equal(t, fmt.Sprintf("seeded: change %d", i+1), c.Subject)
		assert.True(t, strings.HasPrefix(c.Date, "2026-01-02T03:04:05"), c.Date)
	}
	b := bisection{app: &app{ctx: t.Context()}, spec: seeded.Spec(), head: h}
	sources, err := b.sources(cands[3])
	require.NoError(t, err)
	assert.Contains(t, string(sources[0].Files["seeded.c"]), "/* change 4 */")

	// A tree in a folder of the repository, a side branch that began before the good end, and uncommitted changes.
	git("checkout", "--quiet", "-b", "side", ids[1])
	side := commitFiles(t, dir, git, "on the side", map[string]string{"other": "x\n"})
	git("checkout", "--quiet", "main")
	git("merge", "--quiet", "--no-ff", "--message", "merge it", "side")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "other"), []byte("y\n"), 0o644))
	cands, _, said, err = commitsOf(t, bisectCmd{Git: dir, Good: ids[4], Bad: "HEAD"})
	require.NoError(t, err)
	assert.Contains(t, said, "has changes that are not committed; only commits are tried")
	require.Len(t, cands, 4)
	assert.Equal(t, ids[4], cands[0].ID)
	merge := cands[3]
	assert.Equal(t, "merge it", merge.Subject)
	assert.Len(t, merge.Parents, 2)
	assert.Contains(t, []string{cands[1].ID, cands[2].ID}, side, "git bisect takes it, too")
}

func TestCommitsThatMakeNoSense(t *testing.T) {
	dir, ids, git := moduleRepository(t, 3, 99, "")
	git("checkout", "--quiet", "-b", "side", ids[0])
	side := commitFiles(t, dir, git, "on the side", map[string]string{"other": "x\n"})
	for _, c := range []struct {
		cmd  bisectCmd
		want string
	}{
		{bisectCmd{Git: t.TempDir(), Good: "a", Bad: "b"}, "is no git repository: not a git repository"},
		{bisectCmd{Git: dir, Good: "nonsense", Bad: "main"}, `has no commit "nonsense"`},
		{bisectCmd{Git: dir, Good: "main", Bad: "--all"}, `has no commit "--all"`},
		{bisectCmd{Git: dir, Good: "main", Bad: "main"}, "both ends are commit " + ids[2]},
		{bisectCmd{Scenario: "seeded", Git: dir, Good: "main", Bad: "main~2"}, "--good main~2 --bad main`"},
		{bisectCmd{Git: dir, Good: side, Bad: "main"}, "the last commit that both have is the one to try: --good " + ids[0]},
	} {
		_, _, _, err := commitsOf(t, c.cmd)
		assert.ErrorContains(t, err, c.want)
		assert.Equal(t, exitUsage, (&app{err: new(bytes.Buffer)}).code(err))
	}
	plain, git := repository(t)
	commitFiles(t, plain, git, "one", map[string]string{"README": "x"})
	commitFiles(t, plain, git, "two", map[string]string{"README": "y"})
	_, _, _, err := commitsOf(t, bisectCmd{Git: plain, Good: "HEAD~1", Bad: "HEAD"})
	assert.ErrorContains(t, err, "is no Linux source tree (Makefile, Kconfig, arch), nor the source of a module of scenario seeded")

	commitFiles(t, plain, git, "three", map[string]string{"Makefile": "", "Kconfig": "", "arch/x86/Makefile": ""})
	cands, h, _, err := commitsOf(t, bisectCmd{Git: plain, Good: "HEAD~2", Bad: "HEAD"})
	require.NoError(t, err)
	assert.Equal(t, kernelTree, h.Source)
	assert.Equal(t, "git:"+plain+"@"+cands[2].ID, cands[2].Ref)
	_, _, _, err = commitsOf(t, bisectCmd{Git: plain, Good: "HEAD~2", Bad: "HEAD", Kernel: "debian:6.1"})
	assert.ErrorContains(t, err, "--kernel is for the source of a module")
}

// TestReplayOfGit: what git itself wrote, with the order from the repository.
func TestReplayOfGit(t *testing.T) {
	dir, ids, git := moduleRepository(t, 16, 11, "")
	git("bisect", "start", "main", ids[0])
	git("bisect", "run", "sh", "-c", "! git merge-base --is-ancestor "+ids[10]+" HEAD")
	log := filepath.Join(t.TempDir(), "git.log")
	require.NoError(t, os.WriteFile(log, []byte(git("bisect", "log")), 0o644))
	code, out, stderr := cmdline(t, "bisect", "--replay", log, "--git", dir)
	assert.Equal(t, exitHarness, code)
	assert.Contains(t, stderr, "the log itself names "+ids[10])
	assert.Contains(t, out, "not certain yet; the likeliest is "+ids[10], "one answer each does not tell at 95%")
	code, _, stderr = cmdline(t, "bisect", "--replay", log)
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, stderr, "give the repository with --git PATH")
}

func TestRungs(t *testing.T) {
	kernel := func(version string, flavour vmimages.Flavour) vmimages.Candidate {
		return vmimages.Candidate{Name: "debian:" + version + "/" + string(flavour), Flavour: flavour, Version: version,
			Upstream: upstream(version), RC: isRC(version)}
	}
	var offered []vmimages.Candidate
	for _, v := range []string{"6.12.95-1~bpo12+1", "6.12.95-1", "6.12.117-1~deb12u1", "6.12.117-1", "6.16.3-1", "6.16.12-1~bpo13+1", "7.2~rc7-1", "7.2.6-1", "7.2.13-1"} {
		offered = append(offered, kernel(v, vmimages.FlavourCloud), kernel(v, vmimages.FlavourFull))
	}
	end := func(v string) vmimages.Kernel { return vmimages.Kernel{Name: "debian:x/cloud-amd64", Version: v} }
	names := func(older, newer string) (all []string) {
		for _, k := range rungs(offered, end(older), end(newer)) {
			assert.Equal(t, vmimages.FlavourCloud, k.Flavour)
			all = append(all, k.Version)
		}
		return all
	}
	assert.Equal(t, []string{"6.12.117-1", "6.16.3-1", "6.16.12-1~bpo13+1", "7.2.6-1"}, names("6.12.95-1~bpo12+1", "7.2.13-1"))
	assert.Equal(t, []string{"6.16.3-1", "6.16.12-1~bpo13+1"}, names("6.12.117-1~deb12u1", "7.2~rc7-1"))
	assert.Equal(t, []string{"7.2.6-1"}, names("7.2~rc7-1", "7.2.13-1"))
	assert.Empty(t, names("6.12.117-1~deb12u1", "6.16.3-1"))

	assert.Equal(t, "v7.3-rc7", tagOf("7.3~rc7-1~exp1"))
	assert.Equal(t, "v6.12.95", tagOf("6.12.95-1~bpo12+1"))
	assert.Equal(t, "v6.12", seriesTag("6.12.95-1~bpo12+1"))
	assert.Equal(t, "v7.3-rc7", seriesTag("7.3~rc7-1~exp1"))
}

func TestAtATime(t *testing.T) {
	assert.Equal(t, 4, atATime(4, 512, 4096))
	assert.Equal(t, 2, atATime(4, 2048, 4096))
	assert.Equal(t, 1, atATime(4, 8192, 4096))
	assert.Equal(t, 4, atATime(4, 8192, 0), "not known")
}

func TestSplitRefs(t *testing.T) {
	assert.Equal(t, []string{"debian:6.1", "file:/a,modules=/b", "patch:source:/x,/y.patch,reverse", "debian:6.12"},
		splitRefs([]string{"debian:6.1,file:/a,modules=/b", "patch:source:/x,/y.patch,reverse,debian:6.12"}))
}

func TestNextSteps(t *testing.T) {
	spec := wireguard.Spec()
	settings, err := spec.Settings(map[string]string{"devices": "4"})
	require.NoError(t, err)
	h := question.Head{Scenario: "wireguard", Settings: settings, Ordered: true, Candidates: []question.Candidate{
		{ID: "a", Subject: "6.12.95-1"}, {ID: "b", Subject: "6.12.117-1"}, {ID: "c", Subject: "6.16.12-1"}}}
	q := question.Question{Kind: question.Fails, What: "delete", Size: 128}
	c := question.Conclusion{Verdict: "found", First: []int{1}, Last: []int{0}}
	assert.Equal(t, "upstream range v6.12.95..v6.12.117 (of the stable series)", nextSteps(h, spec, q, c)[0])
	assert.Contains(t, nextSteps(h, spec, q, c)[1], "--expect 'fails:delete@128' --set devices=4")

	h.Repository, h.Source = "/src/linux", kernelTree
	h.Candidates[1] = question.Candidate{ID: strings.Repeat("0123456789", 4), Subject: "net: break it", Date: "2026-01-02T03:04:05Z"}
	h.Candidates[2].Ref = "git:/src/linux@c"
	steps := nextSteps(h, spec, q, c)
	assert.Contains(t, steps, `Fixes: 012345678901 ("net: break it")`)
	assert.Contains(t, steps[3], "--kernel patch:git:/src/linux@c,/tmp/012345678901.patch,reverse")

	c.Verdict, c.First = "range", []int{1, 2}
	h.Candidates[2].ID = strings.Repeat("abcdef0123", 4)
	assert.Equal(t, []string{"look: git -C /src/linux log a..abcdef0123ab"}, nextSteps(h, spec, q, c))
	h.Repository, h.Candidates[0].Subject, h.Candidates[2].Subject = "", "", ""
	assert.Contains(t, nextSteps(h, spec, q, c)[0], "--git LINUX --good REV --bad REV")
}
