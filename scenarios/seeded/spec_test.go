package seeded_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"

	scenario "brink/scenarios/seeded"
	module "brink/vmimages/seeded"
)

// TestModesAreTheModules: what --set mode= accepts is what the module can do.
func TestModesAreTheModules(t *testing.T) {
	var names []string
	for _, m := range regexp.MustCompile(`\.name = "([a-z-]+)"`).FindAllSubmatch(module.Source().Files["seeded.c"], -1) {
		names = append(names, string(m[1]))
	}
	assert.ElementsMatch(t, names, scenario.Modes)
}
