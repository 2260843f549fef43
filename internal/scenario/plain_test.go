package scenario

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func plainSpec(p Plain) Spec {
	return Spec{Name: "x", Options: []Option{{Name: "devices", Kind: Int, Default: "1", Min: 1, Max: 4}}, Plain: []Plain{p}}
}

func TestPlainShowsAndFits(t *testing.T) {
	p := Plain{Ops: []string{"delete"}, Only: map[string][]string{"devices": {"1", "2"}}}
	assert.True(t, p.Shows("delete", "panic"))
	assert.False(t, p.Shows("dump", "panic"))
	p.Kinds = []string{"over-budget"}
	assert.False(t, p.Shows("delete", "panic"))
	assert.True(t, p.Shows("delete", "over-budget"))

	_, ok := p.Fits(Settings{"devices": "2", "other": "9"})
	assert.True(t, ok)
	option, ok := p.Fits(Settings{"devices": "3"})
	assert.False(t, ok)
	assert.Equal(t, "devices", option)
}

func TestPlainIsChecked(t *testing.T) {
	good := Plain{Title: "x", Ops: []string{"delete"}, Tools: []string{"ip"}, Script: "{{.N}}", Only: map[string][]string{"devices": {"1"}}}
	require.Empty(t, plainSpec(good).checkPlain())
	for want, spoil := range map[string]func(*Plain){
		"needs a title, an op and tools": func(p *Plain) { p.Ops = nil },
		"is no template":                 func(p *Plain) { p.Script = "{{" },
		"is empty":                       func(p *Plain) { p.Script = "" },
		"option nonsense, which":         func(p *Plain) { p.Only = map[string][]string{"nonsense": {"1"}} },
		"9 is out of range":              func(p *Plain) { p.Only = map[string][]string{"devices": {"9"}} },
	} {
		p := good
		spoil(&p)
		errs := plainSpec(p).checkPlain()
		require.Len(t, errs, 1, want)
		assert.ErrorContains(t, errs[0], want)
		assert.ErrorContains(t, plainSpec(p).Check(), want, "the catalog's test sees it")
	}
}
