//go:build linux

package zfsctl

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// KeySize is the size of a raw key in bytes.
const KeySize = 32

// Cipher is how a dataset is encrypted (include/sys/zio.h, enum zio_encrypt).
type Cipher uint64

// The ciphers. Inherit takes that of the parent, with its key.
const (
	Inherit   Cipher = 0
	Off       Cipher = 2
	AES256CCM Cipher = 5
	AES256GCM Cipher = 8
)

const (
	fileSystem = 2 // DMU_OST_ZFS, include/sys/fs/zfs.h
	rawKey     = 1 // ZFS_KEYFORMAT_RAW
)

// Create makes a file system with these properties. A key makes it the root of an encryption; without one it is encrypted as
// its parent is.
func (c *Control) Create(dataset string, cipher Cipher, key []byte, props ...Pair) error {
	all := append(List{}, props...)
	in := List{Int32("type", fileSystem)}
	if cipher != Inherit {
		all = append(all, Uint64("encryption", uint64(cipher)))
	}
	if len(key) > 0 {
		all = append(all, Uint64("keyformat", rawKey), String("keylocation", "prompt"))
		in = append(in, hidden(key))
	}
	in = append(in, Nested("props", all))
	_, _, err := c.ask(request{verb: "create dataset", name: dataset, number: iocCreate, in: in, answer: 16 << 10})
	return err
}

// hidden holds what must not be written into the pool's history.
func hidden(key []byte) Pair { return Nested("hidden_args", List{Bytes("wkeydata", key)}) }

// Destroy removes a dataset that is not mounted and has no children.
func (c *Control) Destroy(dataset string) error {
	_, _, err := c.ask(request{verb: "destroy dataset", name: dataset, number: iocDestroy})
	return err
}

// LoadKey makes an encryption root and all that inherits from it readable.
func (c *Control) LoadKey(dataset string, key []byte) error {
	_, _, err := c.ask(request{verb: "load key of", name: dataset, number: iocLoadKey, in: List{hidden(key)}, answer: 4 << 10})
	return err
}

// UnloadKey takes it back; nothing that needs it may be mounted.
func (c *Control) UnloadKey(dataset string) error {
	_, _, err := c.ask(request{verb: "unload key of", name: dataset, number: iocUnloadKey, answer: 4 << 10})
	return err
}

// Snapshot makes a snapshot, named DATASET@NAME.
func (c *Control) Snapshot(name string) error {
	return c.snapshots("make snapshot", iocSnapshot, []string{name})
}

// DestroySnapshots removes snapshots of one pool, all in one request.
func (c *Control) DestroySnapshots(names []string) error {
	return c.snapshots("destroy snapshots", iocDestroySnapshots, names)
}

func (c *Control) snapshots(verb string, number uintptr, names []string) error {
	if len(names) == 0 {
		return nil
	}
	pool, _, _ := strings.Cut(names[0], "@")
	pool, _, _ = strings.Cut(pool, "/")
	flags := List{}
	for _, name := range names {
		flags = append(flags, Flag(name))
	}
	what := fmt.Sprintf("%s (%d) in", verb, len(names))
	_, _, err := c.ask(request{verb: what, name: pool, number: number, in: List{Nested("snaps", flags)}, answer: 64 << 10})
	return err
}

// Snapshots lists the snapshots of a dataset, with one request for each, as the zfs program does.
func (c *Control) Snapshots(dataset string) (names []string, err error) {
	for cookie := uint64(0); ; {
		_, cmd, err := c.ask(request{verb: "list snapshots of", name: dataset, number: iocSnapshotListNext, answer: 16 << 10,
			set: func(cmd *command) { cmd.Cookie, cmd.Simple = cookie, 1 }})
		if errors.Is(err, unix.ESRCH) { // there are no more
			return names, nil
		}
		if err != nil {
			return nil, err
		}
		names, cookie = append(names, cmd.name()), cmd.Cookie
	}
}
