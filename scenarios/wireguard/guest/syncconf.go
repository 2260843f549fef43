//go:build linux

package guest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"

	"brink/internal/guest"
)

// syncConfOp loads peers with wireguard-tools instead of wgctrl. It is no op of the scenario: the benchmark compares
// load with it, in the same VM.
const syncConfOp = "syncconf"

func (g *gateway) syncConf(size int64, m *guest.Meter) error {
	const conf = "/run/wg.conf"
	if err := g.writeConf(conf, size); err != nil {
		return err
	}
	d := g.devices[0]
	return m.Time(size, func() error {
		if err := d.create(); err != nil {
			return err
		}
		if out, err := exec.Command("/bin/wg", "syncconf", d.name, conf).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: wg syncconf: %v %s", guest.ErrScenario, err, out)
		}
		g.size = size
		return d.up()
	})
}

// writeConf writes the peers in the format of wg(8), CONFIGURATION FILE FORMAT.
func (g *gateway) writeConf(path string, size int64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	fmt.Fprintf(w, "[Interface]\nPrivateKey = %s\nListenPort = %d\n", g.devices[0].key, g.devices[0].port)
	for i := range size {
		ip := g.peers.allowedIP(i, 0)
		fmt.Fprintf(w, "[Peer]\nPublicKey = %s\nAllowedIPs = %s\n", g.peers.publicKey(i), ip.String())
	}
	return w.Flush()
}
