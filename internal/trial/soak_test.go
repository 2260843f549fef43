package trial

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseSoak(t *testing.T) {
	good := func() Soak {
		return Soak{V: Version, ID: "s", VMs: 6, Asked: 8, For: 30 * time.Minute, Below: 0.2,
			Arms: []Run{{Sizes: []int64{16}, Kernel: Kernel{Name: "debian:6.1"}}, {Sizes: []int64{16}, Seeded: true, Kernel: Kernel{Name: "debian:6.12"}}}}
	}
	parse := func(s Soak) (Soak, error) {
		text, err := json.Marshal(s)
		require.NoError(t, err)
		return ParseSoak(text)
	}
	s, err := parse(good())
	require.NoError(t, err)
	assert.Equal(t, good(), s)
	assert.EqualValues(t, 16, s.Size())
	assert.True(t, s.Seeded())
	assert.Equal(t, "soak of 6 VMs for 30m0s on debian:6.1 against debian:6.12", s.Title())
	for want, damage := range map[string]func(*Soak){
		"use a newer brink": func(s *Soak) { s.V++ },
		"0 kernels":         func(s *Soak) { s.Arms = nil },
		"3 kernels":         func(s *Soak) { s.Arms = append(s.Arms, Run{}) },
		"1 VMs":             func(s *Soak) { s.VMs = 1 },
		"and 0s":            func(s *Soak) { s.For = 0 },
		"2 sizes":           func(s *Soak) { s.Arms[1].Sizes = []int64{1, 2} },
	} {
		s := good()
		damage(&s)
		_, err := parse(s)
		assert.ErrorContains(t, err, want)
	}
	_, err = ParseSoak([]byte("{"))
	assert.Error(t, err)
}
