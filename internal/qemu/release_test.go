package qemu

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestReleaseArgs(t *testing.T) {
	for _, release := range []string{"7.3.4+deb13-cloud-amd64", "7.10.0", "8.0.0-rc1"} {
		assert.Equal(t, []string{"softlockup_panic=1"}, ReleaseArgs(release), release)
	}
	for _, release := range []string{"5.10.0-46-cloud-amd64", "6.12.117+deb13-cloud-amd64", "7.2.13", "next", ""} {
		assert.Empty(t, ReleaseArgs(release), release)
	}
}
