package seededosxsave_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"brink/internal/vmtest"
	"brink/vmimages/seededosxsave"
)

func TestSource(t *testing.T) {
	s := seededosxsave.Source()
	assert.Contains(t, string(s.Files["Kbuild"]), s.Name+".o")
	assert.Contains(t, string(s.Files[s.Name+".c"]), `MODULE_LICENSE("GPL")`)
}

func TestBuild(t *testing.T) { vmtest.Builds(t, seededosxsave.Source()) }
