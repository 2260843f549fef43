package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/store"
	"brink/internal/trial"
)

// cmdline runs brink with its runs in an empty folder.
func cmdline(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	t.Setenv("BRINK_RESULTS", filepath.Join(t.TempDir(), "runs"))
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestWrongUsage(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"fly", "unexpected argument fly"},
		{"--colour", "unknown flag --colour"},
		{"run", "<scenario>"},
		{"run nonsense", "`brink list` shows them"},
		{"run wireguard extra", "unexpected argument extra"},
		{"run wireguard --axis pps", "it has peers"},
		{"run wireguard --sizes 0", "choose sizes from 1 to 1048576"},
		{"run wireguard --sizes=-5", "choose sizes from 1 to 1048576"},
		{"run wireguard --sizes 10,0", "choose sizes from 1 to 1048576"},
		{"run wireguard --sizes 9999999", "choose sizes from 1 to 1048576"},
		{"run wireguard --sizes many", "many"},
		{"run wireguard --sizes 1.5", "1.5"},
		{"run wireguard --from=-1", "choose sizes from 1 to 1048576"},
		{"run wireguard --to=-1", "choose sizes from 1 to 1048576"},
		{"run wireguard --to 1048577", "choose sizes from 1 to 1048576"},
		{"run wireguard --to 9223372036854775807", "choose sizes from 1 to 1048576"},
		{"run wireguard --to 9223372036854775808", "9223372036854775808"},
		{"run wireguard --from 20 --to 10", "must not be above the end"},
		{"run wireguard --sizes 10 --to 20", "not both"},
		{"run wireguard --sizes 10 --from 5", "not both"},
		{"run wireguard --set colour=red", "it has allowed-ips"},
		{"run wireguard --set hot=NaN", "is not a whole number"},
		{"run wireguard --set hot=0", "choose 1 to 4096"},
		{"run wireguard --set ipv6=2", "choose 0 to 1"},
		{"run wireguard --set private-key=perhaps", "is not true or false"},
		{"run wireguard --set hot", "hot"},
		{"run promisc --sizes 1023", "a bridge holds 1023 ports"},
		{"run promisc --axis pps --set pps=5", "pps is what is ramped here"},
		{"run promisc --axis pps --set nic=tg3", "choose one of virtio"},
		{"run promisc --axis macs --sizes 1000000 --memory 256M", "give it --memory"},
		{"run promisc --set source=host --clock icount", "add --clock wall"},
		{"run cgroup-oom --sizes 0", "choose sizes from 1 to"},
		{"run cgroup-oom --set limit=4096 --memory 512M", "take --set limit="},
		{"run cgroup-oom --set variant=oom-disable", "add --set cgroup=1"},
		{"run wireguard --seed=-1", "-1"},
		{"run wireguard --start sometimes", "auto"},
		{"run wireguard --accel xen", "kvm"},
		{"run wireguard --clock sun", "icount"},
		{"run wireguard --sizes 1 --memory lots", "write it as 512M or 2G"},
		{"run wireguard --sizes 1 --memory 2", "write it as 512M or 2G"},
		{"run wireguard --sizes 1 --memory=-1G", "write it as 512M or 2G"},
		{"run wireguard --sizes 1 --memory 999999999G", "no machine has"},
		{"run wireguard --sizes 1 --accel tcg --memory 64M", "give at least 128"},
		{"run wireguard --sizes 1 --accel tcg --memory 0M", "give at least 128"},
		{"run wireguard --sizes 1 --accel tcg --clock icount --cpus 2", "--cpus 1 or --clock wall"},
		{"run wireguard --sizes 1 --accel kvm --clock icount", "needs TCG"},
		{"run wireguard --sizes 1 --accel tcg --cpus 0", "choose 1 to 255"},
		{"run wireguard --sizes 1 --accel tcg --cpus=-1", "choose 1 to 255"},
		{"run wireguard --sizes 1 --accel tcg --cpus 256 --clock wall", "choose 1 to 255"},
		{"show nonsense", "give a folder, an ID or \"last\""},
		{"show", "give a folder, an ID or \"last\""},
		{"show one two", "unexpected argument two"},
		{"resume nonsense", "give a folder, an ID or \"last\""},
		{"resume", "<run>"},
		{"compare a", "<b>"},
		{"compare a b", "give a folder, an ID or \"last\""},
	} {
		t.Run(c.args, func(t *testing.T) {
			code, stdout, stderr := cmdline(t, strings.Fields(c.args)...)
			assert.Equal(t, exitUsage, code)
			assert.Empty(t, stdout)
			assert.True(t, strings.HasPrefix(stderr, "brink: "), stderr)
			assert.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
			assert.Contains(t, stderr, c.want)
		})
	}
}

func TestRunsThatCannotBeCompared(t *testing.T) {
	dir := t.TempDir()
	for id, clock := range map[string]trial.Clock{"a": trial.ClockWall, "b": trial.ClockICount} {
		r, err := store.Create(dir, trial.Run{V: trial.Version, ID: id, Scenario: "wireguard", Axis: "peers", Sizes: []int64{1},
			Machine: trial.Machine{Accel: "tcg", Clock: clock}})
		require.NoError(t, err)
		require.NoError(t, r.Close())
	}
	code, stdout, stderr := cmdline(t, "--results", dir, "compare", "a", "b")
	assert.Equal(t, exitUsage, code)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "different clocks")

	code, stdout, stderr = cmdline(t, "--results", dir, "compare", "a", "a")
	assert.Equal(t, exitGood, code, stderr)
	assert.Contains(t, stdout, "B/A")
}

func TestGoodUsage(t *testing.T) {
	for args, want := range map[string]string{
		"": "Exit codes:", "--help": "Exit codes:", "run --help": "--sizes", "list": "wireguard: ", "version": "brink ", "runs": "",
	} {
		t.Run(args, func(t *testing.T) {
			code, stdout, stderr := cmdline(t, strings.Fields(args)...)
			assert.Equal(t, exitGood, code)
			assert.Contains(t, stdout, want)
			assert.Empty(t, stderr)
		})
	}
}

func TestWithoutQEMU(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	code, stdout, stderr := cmdline(t, "run", "wireguard", "--sizes", "1", "--accel", "tcg")
	assert.Equal(t, exitHarness, code)
	assert.Empty(t, stdout)
	assert.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
	assert.Contains(t, stderr, "no qemu-system-x86_64 on this machine: install it with `make setup`")
}

func TestParseMemory(t *testing.T) {
	for text, want := range map[string]int64{"512M": 512, "2G": 2048, "2g": 2048, "128m": 128, "16384G": 1 << 24} {
		mb, err := parseMemory(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, mb, text)
	}
	for _, text := range []string{"", "M", "1", "1K", "1.5G", " 1G", "1G ", "-1G", "1GB", "0x1G", "16385G", "1234567890M"} {
		_, err := parseMemory(text)
		assert.Error(t, err, "%q", text)
	}
}
