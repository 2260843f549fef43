package question

import (
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/console"
	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
	"brink/scenarios/seeded"
	"brink/scenarios/wireguard"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]Question{
		"signature:panic:seeded_panic:seeded@40000":       {Kind: Signature, What: "panic:seeded_panic:seeded", Size: 40000},
		"signature:kernel-error:a@b:kernel/workqueue@7":   {Kind: Signature, What: "kernel-error:a@b:kernel/workqueue", Size: 7},
		"fixed:signature:op-error:handshake:ENOMEM@16384": {Kind: Signature, What: "op-error:handshake:ENOMEM", Size: 16384, Fixed: true},
		"fails:delete@128":       {Kind: Fails, What: "delete", Size: 128},
		"fails:any@128":          {Kind: Fails, What: AnyOp, Size: 128},
		"fixed:canary:fork@9":    {Kind: Canary, What: "fork", Size: 9, Fixed: true},
		"cost:delete@256>1.5x":   {Kind: Cost, What: "delete", Size: 256, Factor: 1.5},
		"cost:delete@256<0.667x": {Kind: Cost, What: "delete", Size: 256, Factor: 0.667, Fixed: true},
		"cost:delete@256>20ms":   {Kind: Cost, What: "delete", Size: 256, Limit: 20 * time.Millisecond},
		"cost:delete@256<1.5s":   {Kind: Cost, What: "delete", Size: 256, Limit: 1500 * time.Millisecond, Fixed: true},
	} {
		q, err := Parse(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, q, text)
		assert.Equal(t, text, q.String())
		assert.Equal(t, q.Kind == Cost && q.Limit == 0, q.Open(), text)
	}
	for text, want := range map[string]string{
		"":                                  "write it as signature:SIG@N",
		"delete":                            "write it as signature:SIG@N",
		"slow:delete@5":                     "write it as signature:SIG@N",
		"fails:delete":                      "write it as signature:SIG@N",
		"fails:@5":                          "is no name",
		"fails: x@5":                        "is no name",
		"fails:a\x1b@5":                     "is no name",
		"fails:delete@0":                    "is no size",
		"fails:delete@-1":                   "is no size",
		"fails:delete@99999999999999999999": "is no size",
		"cost:delete@5":                     "a cost is written as",
		"cost:delete@5>":                    "a cost is written as",
		"cost:delete@5>x":                   "is no factor",
		"cost:delete@5>0.5x":                "is no factor",
		"cost:delete@5>Infx":                "is no factor",
		"cost:delete@5<1.5x":                "is no factor",
		"cost:delete@5>NaNx":                "is no factor",
		"cost:delete@5>-1s":                 "neither a factor",
		"cost:delete@5>20":                  "neither a factor",
		"fixed:cost:delete@5>2x":            "without the word fixed",
	} {
		_, err := Parse(text)
		assert.ErrorContains(t, err, want, text)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"signature:a:b@4", "fixed:fails:any@1", "cost:x@5>1.5x", "cost:x@5<1m2.5s", "canary:fork@9", "cost:@>@5>2x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(q.String())
		require.NoError(t, err, q.String())
		assert.Equal(t, q, again)
	})
}

func TestCheck(t *testing.T) {
	spec := wireguard.Spec()
	for text, want := range map[string]string{
		"fails:delete@128": "", "fails:any@128": "", "cost:load@5>2x": "", "canary:timer@5": "", "signature:panic:x:y@5": "", "signature:vm-died@5": "",
		"signature:pnaic:typo@64": `"pnaic" is no such word: choose of panic, oops, `,
		"fails:walk@128":          "scenario wireguard has no op walk: choose of lookup, ",
		"cost:grow@128>2x":        "no smaller size to grow from",
		"canary:bird@5":           "there is no canary bird: choose of fork, ",
		"fails:delete@9999999":    "choose sizes from 1 to 1048576",
	} {
		q, err := Parse(text)
		require.NoError(t, err)
		if err = q.Check(spec, spec.Axes[0]); want == "" {
			assert.NoError(t, err, text)
		} else {
			assert.ErrorContains(t, err, want)
		}
	}
}

// TestCheckLimit: a limit on a signal can be asked for at one size, unless it is told by smaller ones.
func TestCheckLimit(t *testing.T) {
	spec := wireguard.Spec()
	none, err := Parse("signature:over-limit:wireguard:stall@5")
	require.NoError(t, err)
	assert.ErrorContains(t, none.Check(spec, spec.Axes[0]), "scenario wireguard has no such limit: it has none")
	spec.Limits = []scenario.Limit{{Name: "stall", Form: scenario.Above}, {Name: "livelock", Form: scenario.Collapse}}
	for what, want := range map[string]string{"stall": "", "typo": "over-limit:wireguard:stall, over-limit:wireguard:livelock",
		"livelock": "a collapse shows only beside smaller sizes"} {
		q, err := Parse("signature:over-limit:wireguard:" + what + "@5")
		require.NoError(t, err)
		if err = q.Check(spec, spec.Axes[0]); want == "" {
			assert.NoError(t, err)
		} else {
			assert.ErrorContains(t, err, want)
		}
	}
}

// TestAboutLimit: what differs is asked for by the limit's signature; an op's own question is not answered by it.
func TestAboutLimit(t *testing.T) {
	spec := wireguard.Spec()
	spec.Limits = []scenario.Limit{{Name: "stall", Form: scenario.Above}, {Name: "livelock", Form: scenario.Collapse}}
	f := judge.Finding{What: "stall", Op: "delete", Kind: judge.OverLimit, Broken: 64, Signature: judge.LimitSignature(spec, "stall")}
	q, _, ok := about(spec, f)
	require.True(t, ok)
	assert.Equal(t, "signature:over-limit:wireguard:stall@64", q.String())
	assert.True(t, q.Kind.of(q.What, f))
	assert.False(t, Fails.of("delete", f), "it is the signal's")
	assert.True(t, Fails.of(AnyOp, f))
	f.What, f.Signature = "livelock", judge.LimitSignature(spec, "livelock")
	_, _, ok = about(spec, f)
	assert.False(t, ok, "a fresh VM has no smaller sizes")
}

// TestCanaries compares the list with the guest's own, which the host must not import.
func TestCanaries(t *testing.T) {
	source, err := os.ReadFile("../guest/canary.go")
	require.NoError(t, err)
	var names []string
	for _, m := range regexp.MustCompile(`\{"([a-z-]+)", [a-zA-Z]+\}`).FindAllSubmatch(source, -1) {
		names = append(names, string(m[1]))
	}
	assert.Equal(t, names, Canaries())
}

// TestFailureKinds: no kind that the console knows is refused.
func TestFailureKinds(t *testing.T) {
	for k := console.Panic; k <= console.KernelError; k++ {
		assert.Contains(t, failureKinds(), trial.Kind(k.String()))
	}
}

func TestTurned(t *testing.T) {
	for text, want := range map[string]string{
		"cost:x@4>20x": "cost:x@4<0.05x", "cost:x@4<0.7x": "cost:x@4>1.42857x", "cost:x@4>3ms": "cost:x@4<3ms", "fails:any@4": "fixed:fails:any@4",
	} {
		q, err := Parse(text)
		require.NoError(t, err)
		assert.Equal(t, want, q.Turned().String())
		_, err = Parse(want)
		assert.NoError(t, err)
	}
}

func TestAsk(t *testing.T) {
	axis := seeded.Spec().Axes[0]
	for text, want := range map[string]string{
		"signature:panic:x@40000": "does panic:x show at 40,000 entries?",
		"fails:any@4":             "does anything fail at 4 entries?",
		"fails:walk@4":            "does walk fail, or exceed its budget, at 4 entries?",
		"canary:fork@4":           "does the canary fork fail at 4 entries?",
		"cost:walk@4>20ms":        "does walk take more than 20.0 ms at 4 entries?",
		"cost:walk@4>2x":          "does walk take 2x of what it takes on the older end, at 4 entries?",
	} {
		q, err := Parse(text)
		require.NoError(t, err)
		assert.Equal(t, want, q.Ask(axis))
	}
}
