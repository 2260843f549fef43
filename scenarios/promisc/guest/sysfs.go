//go:build linux

package guest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
)

// number reads a file that holds one number.
func number(path string) (int64, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
}

// ofLink is the folder of a network device in sysfs.
func ofLink(name string, rest ...string) string {
	return filepath.Join(append([]string{"/sys/class/net", name}, rest...)...)
}

// nap sleeps without the Go runtime's timers.
func nap(d time.Duration) {
	ts := unix.NsecToTimespec(int64(d))
	for unix.Nanosleep(&ts, &ts) == unix.EINTR {
	}
}

// wait asks each millisecond until done says yes.
func wait(what string, limit time.Duration, done func() bool) error {
	for end := time.Now().Add(limit); !done(); nap(time.Millisecond) {
		if time.Now().After(end) {
			return fmt.Errorf("%s did not happen within %v", what, limit)
		}
	}
	return nil
}

// quietIPv6 keeps IPv6 off in the thread's network namespace, as container engines do: each interface would join multicast
// groups and look for routers, and the bridge would flood every such frame to all the others.
//
// Note: net.core.devconf_inherit_init_net does not pass this on to new namespaces (addrconf_init_net, net/ipv6/addrconf.c).
func quietIPv6() error {
	for _, file := range []string{"all", "default"} {
		err := guest.WriteFile("/proc/sys/net/ipv6/conf/"+file+"/disable_ipv6", "1")
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // a kernel without IPv6
			return err
		}
	}
	return nil
}
