//go:build linux

package traffic

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Two CPUs of a 6.1 kernel; the columns after the third are not read.
const softnetText = `0000a3f4 00000010 00000002 00000000 00000000 00000000 00000000 00000000
ffffffff 00000001 00000000 00000000 00000000 00000000 00000000 00000001
`

func TestSoftnet(t *testing.T) {
	s, err := parseSoftnet(softnetText)
	require.NoError(t, err)
	assert.Equal(t, softnet{processed: 0xa3f4 + 0xffffffff, dropped: 17, squeezed: 2}, s)
	for _, bad := range []string{"", "\n", "1 2\n", "x 1 2\n", "100000000 1 2\n"} {
		_, err := parseSoftnet(bad)
		assert.Error(t, err, "%q", bad)
	}
}

func TestSoftnetBeginsAgain(t *testing.T) {
	then, now := softnet{processed: 1<<32 - 10, dropped: 5, squeezed: 7}, softnet{processed: 20, dropped: 5, squeezed: 8}
	assert.Equal(t, softnet{processed: 30, dropped: 0, squeezed: 1}, now.minus(then))
}

const softirqsText = `                    CPU0       CPU1       
          HI:          0          0
      NET_TX:          1          2
      NET_RX:       1200         34
       BLOCK:          0          0
`

func TestSoftirqs(t *testing.T) {
	n, err := parseSoftirqs(softirqsText, "NET_RX")
	require.NoError(t, err)
	assert.Equal(t, int64(1234), n)
	_, err = parseSoftirqs(softirqsText, "RCU")
	assert.ErrorContains(t, err, "no RCU")
	_, err = parseSoftirqs("NET_RX: 1 two\n", "NET_RX")
	assert.Error(t, err)
}

func TestSchedstat(t *testing.T) {
	d, err := parseSchedstat("1234567 89 10\n")
	require.NoError(t, err)
	assert.Equal(t, 1234567*time.Nanosecond, d)
	_, err = parseSchedstat("")
	assert.Error(t, err)
}

// pktgenText is a device's file while it sends, from a 6.1 kernel.
const pktgenText = `Params: count 0  min_pkt_size: 60  max_pkt_size: 60
     frags: 0  delay: 50000  clone_skb: 0  ifname: eth1
     flows: 0 flowlen: 0
Current:
     pkts-sofar: 41864  errors: 12
     started: 9735361us  stopped: 11834222us idle: 1234us
     seq_num: 41865  cur_dst_mac_offset: 0  cur_src_mac_offset: 8
Result: Idle
`

func TestPktgen(t *testing.T) {
	sent, refused := parsePktgen(pktgenText)
	assert.Equal(t, int64(41864), sent)
	assert.Equal(t, int64(12), refused)
	sent, refused = parsePktgen("")
	assert.Zero(t, sent+refused)
}

func TestPktgenCommands(t *testing.T) {
	commands := pktgenCommands(Config{Size: 64, Sources: 16}, 2500.4)
	for _, want := range []string{"count 0", "pkt_size 64", "dst_mac 02:62:72:ff:ff:ff", "src_mac 06:62:72:00:00:00",
		"src_mac_count 16", "ratep 2500"} {
		assert.Contains(t, commands, want)
	}
	assert.Contains(t, pktgenCommands(Config{}, 0.2), "ratep 1", "0 would be as fast as it can")
}

func FuzzParsers(f *testing.F) {
	f.Add(softnetText)
	f.Add(softirqsText)
	f.Add(pktgenText)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseSoftnet(text)
		assert.True(t, err != nil || s.processed >= 0)
		n, err := parseSoftirqs(text, "NET_RX")
		assert.True(t, err != nil || n >= 0)
		_, _ = parseSchedstat(text)
		parsePktgen(text)
	})
}
