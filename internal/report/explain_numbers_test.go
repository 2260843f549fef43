package report

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/explain"
)

func TestNumbers(t *testing.T) {
	x := explained()
	require.NoError(t, Numbers(full{}, x), "a failure without a number has none to write")

	arms := []explain.Arm{x.Arms[0].Arm, x.Arms[1].Arm, x.Arms[2].Arm}
	arms[0].Target.Measure = &explain.Measure{Name: "ratio", Unit: "times"}
	arms[0].Numbers, arms[1].Numbers = []float64{6, 6.1, 6.2}, []float64{1.8}
	var text bytes.Buffer
	require.NoError(t, Numbers(&text, explain.Judge(arms)))
	assert.Equal(t, `
  changed                       ratio      against nothing changed     VMs
  nothing but the seed          6.1 times  -                           3
  39999 instead of 65536 peers  1.8 times  factor 0.30 (0.27 to 0.32)  1
`, text.String())
	assert.ErrorIs(t, Numbers(full{}, explain.Judge(arms)), errFull)
}
