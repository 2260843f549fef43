//go:build linux

package traffic

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"brink/internal/flood"
)

// The files of the kernel's packet generator (Documentation/networking/pktgen.rst). Its first thread does the work.
const (
	pktgenRoot   = "/proc/net/pktgen"
	pktgenThread = "kpktgend_0"
)

// pktgenWait is how long the generator may take to begin, or to end.
const pktgenWait = 5 * time.Second

// generator lets the kernel's packet generator send. Its frames carry UDP datagrams and no numbers. Between two frames that
// are less than 100 µs apart it spins (spin in net/core/pktgen.c): it takes a whole CPU then.
type generator struct {
	root, device string
	commands     []string
	ended        chan error
}

func newGenerator(c Config, rate float64) (*generator, error) {
	if _, err := bringUp(c.Sender); err != nil {
		return nil, err
	}
	return &generator{root: pktgenRoot, device: c.Sender, commands: pktgenCommands(c, rate), ended: make(chan error, 1)}, nil
}

// pktgenCommands are written to the device's file. A device that takes frames for shared would send one buffer again and
// again; veth refuses that, and source addresses that change rule it out.
func pktgenCommands(c Config, rate float64) []string {
	to, from := flood.Destination(), flood.Source(0)
	return []string{
		"count 0", "clone_skb 0", "delay 0",
		fmt.Sprintf("pkt_size %d", c.Size),
		"dst_mac " + net.HardwareAddr(to[:]).String(),
		"src_mac " + net.HardwareAddr(from[:]).String(),
		fmt.Sprintf("src_mac_count %d", c.Sources),
		"dst 198.51.100.2", "src_min 198.51.100.1", "src_max 198.51.100.1", // for documentation (RFC 5737)
		fmt.Sprintf("ratep %.0f", max(1, rate)),
	}
}

func (g *generator) start() error {
	if err := g.write(pktgenThread, "rem_device_all"); err != nil {
		return err
	}
	if err := g.write(pktgenThread, "add_device "+g.device); err != nil {
		return err
	}
	for _, command := range g.commands {
		if err := g.write(g.device, command); err != nil {
			return err
		}
	}
	go func() { g.ended <- g.write("pgctrl", "start") }() // which comes back when the generator has stopped
	for end := clock() + pktgenWait; clock() < end; sleep(time.Millisecond) {
		if offered, _ := g.sent(); offered > 0 {
			return nil
		}
	}
	return fmt.Errorf("start pktgen: no frame was sent in %v", pktgenWait)
}

func (g *generator) write(file, command string) error {
	if err := os.WriteFile(filepath.Join(g.root, file), []byte(command+"\n"), 0); err != nil {
		return fmt.Errorf("tell pktgen %q: %w", command, err)
	}
	return nil
}

func (g *generator) sent() (offered, accepted int64) {
	text, err := os.ReadFile(filepath.Join(g.root, g.device))
	if err != nil {
		return 0, 0
	}
	sent, refused := parsePktgen(string(text))
	return sent + refused, sent
}

// parsePktgen reads how many frames were sent, and how many the card refused, from a device's file:
// "     pkts-sofar: 1234  errors: 5" (pktgen_if_show in net/core/pktgen.c).
func parsePktgen(text string) (sent, refused int64) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) >= 4 && fields[0] == "pkts-sofar:" && fields[2] == "errors:" {
			sent, _ = strconv.ParseInt(fields[1], 10, 64)
			refused, _ = strconv.ParseInt(fields[3], 10, 64)
		}
	}
	return sent, refused
}

func (g *generator) stop() error {
	if err := g.write("pgctrl", "stop"); err != nil {
		return err
	}
	select {
	case err := <-g.ended:
		return err
	case <-time.After(pktgenWait):
		return fmt.Errorf("stop pktgen: it goes on after %v", pktgenWait)
	}
}
