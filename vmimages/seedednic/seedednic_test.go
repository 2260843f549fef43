package seedednic_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/vmtest"
	"brink/vmimages/seedednic"
)

// TestParametersAreDocumented compares the module's parameters with README.md.
func TestParametersAreDocumented(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	program := seedednic.Source().Files["seedednic.c"]
	parameters := regexp.MustCompile(`(?m)^module_param(?:_cb)?\((\w+),`).FindAllSubmatch(program, -1)
	assert.Len(t, parameters, 4)
	for _, p := range parameters {
		assert.Contains(t, string(readme), "\n| `"+string(p[1])+"` |")
		assert.Contains(t, string(program), "MODULE_PARM_DESC("+string(p[1])+",")
	}
}

// TestNameIsTheModules: the device has the name that others are told.
func TestNameIsTheModules(t *testing.T) {
	assert.Contains(t, string(seedednic.Source().Files["seedednic.c"]), `#define BNIC_NAME "`+seedednic.Name+`"`)
}

func TestBuild(t *testing.T) { vmtest.Builds(t, seedednic.Source()) }
