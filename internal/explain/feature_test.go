package explain

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWithout(t *testing.T) {
	has := map[string]bool{"avx": true, "avx2": true, "fma": true, "aes": true, "vaes": true, "vpclmulqdq": false, "xsave": true, "xsaveopt": true}
	for name, c := range map[string]struct {
		cpu, feature string
		has          map[string]bool
		want         string
	}{
		"what needs it goes, too":     {"max", "avx", has, "max,-avx,-avx2,-fma,-vaes"},
		"if the CPU has it":           {"max", "aes", map[string]bool{"aes": true}, "max,-aes"},
		"all the way down":            {"host", "xsave", has, "host,-xsave,-avx,-xsaveopt,-avx2,-fma,-vaes"},
		"nothing is known":            {"max", "pclmulqdq", nil, "max,-pclmulqdq,-vpclmulqdq"},
		"nothing needs it":            {"max", "movbe", has, "max,-movbe"},
		"not twice":                   {"max,-avx2,fma=off", "avx", has, "max,-avx2,fma=off,-avx,-vaes"},
		"not there and away":          {"Nehalem,+avx,avx2=on", "avx", has, "Nehalem,-avx,-avx2,-fma,-vaes"},
		"other terms stay":            {"max,-movbe,pmu=on", "aes", nil, "max,-movbe,pmu=on,-aes,-vaes"},
		"QEMU does not say it has it": {"max", "sse4.2", map[string]bool{}, "max,-sse4.2"},
	} {
		assert.Equal(t, c.want, Without(c.cpu, c.feature, c.has), name)
	}
}

func TestWith(t *testing.T) {
	for _, c := range []struct{ cpu, feature, want string }{
		{"max,-avx", "avx", "max"}, {"max,-avx,-avx2", "avx", "max"}, {"max,avx=off,-aes", "avx", "max,-aes"},
		{"max,-avx,-aes,-movbe", "aes", "max,-avx,-movbe"}, {"max,-xsave,-avx", "xsave", "max"},
	} {
		assert.Equal(t, c.want, With(c.cpu, c.feature), c.cpu)
	}
}

func TestLeftOut(t *testing.T) {
	for cpu, want := range map[string][]string{
		"max": nil, "host,+avx,pmu=on": nil, "max,-avx,-avx2": {"avx"}, "max,-avx2,-avx": {"avx"}, "max,-avx,-aes": {"avx", "aes"},
		"max,-avx2": {"avx2"}, "max,avx=off,-avx": {"avx"}, "max,-avx,-xsave": {"xsave"},
	} {
		assert.Equal(t, want, LeftOut(cpu), cpu)
	}
}

func TestNarrowest(t *testing.T) {
	of := func(features ...string) (all []Comparison) {
		for _, f := range features {
			all = append(all, Comparison{Arm: Arm{Setup: Setup{Feature: f}}})
		}
		return all
	}
	assert.Equal(t, of("avx"), narrowest(of("xsave", "avx")))
	assert.Equal(t, of("avx", "movbe"), narrowest(of("avx", "movbe")))
	assert.Equal(t, of("xsave"), narrowest(of("xsave")))
	assert.Equal(t, of("", ""), narrowest(of("", "")))
}
