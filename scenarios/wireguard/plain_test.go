package wireguard

import (
	"encoding/base64"
	"net/netip"
	"os/exec"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPlainPeers runs the scripts' awk program: each peer has a key of 32 bytes and an address, both its own.
func TestPlainPeers(t *testing.T) {
	program := regexp.MustCompile(`(?s)awk -v n="\$n" '(.*?)'`).FindStringSubmatch(plainLoad)
	require.NotNil(t, program)
	const n = 70_000 // past the second byte of the address
	out, err := exec.Command("awk", "-v", "n=70000", program[1]).Output()
	require.NoError(t, err)
	peers := regexp.MustCompile(`\[Peer\]\nPublicKey = (\S+)\nAllowedIPs = (\S+)/32\n`).FindAllStringSubmatch(string(out), -1)
	require.Len(t, peers, n)
	seen := map[string]bool{}
	for _, p := range peers {
		key, err := base64.StdEncoding.Strict().DecodeString(p[1])
		require.NoError(t, err, p[1])
		require.Len(t, key, 32)
		_, err = netip.ParseAddr(p[2])
		require.NoError(t, err)
		if seen[p[1]] || seen[p[2]] {
			t.Fatalf("%v is there twice", p)
		}
		seen[p[1]], seen[p[2]] = true, true
	}
	assert.Equal(t, "10.1.17.112", peers[n-1][2])
}
