package maintainers

import "strings"

// Guess returns where in the tree a subsystem lies, as internal/console names one: a module, or a folder of the kernel. It
// is for traces whose lines have no file; false where the word says too little (kernel) or is not in the tree (zfs).
func Guess(subsystem string) (path string, ok bool) {
	switch subsystem {
	case "", "kernel", "zfs", "spl", "seeded":
		return "", false
	}
	if path, ok := places()[subsystem]; ok {
		return path, true
	}
	for _, top := range []string{"arch/", "block/", "crypto/", "drivers/", "fs/", "kernel/", "lib/", "net/", "security/", "sound/"} {
		if strings.HasPrefix(subsystem, top) {
			return subsystem + "/", true
		}
	}
	return "", false
}

// places is where the tree keeps what does not lie in a folder of its own name.
func places() map[string]string {
	return map[string]string{
		"wireguard": "drivers/net/wireguard/", "macvlan": "drivers/net/macvlan.c", "veth": "drivers/net/veth.c",
		"vxlan": "drivers/net/vxlan/", "bonding": "drivers/net/bonding/", "tun": "drivers/net/tun.c",
		"virtio_net": "drivers/net/virtio_net.c", "virtio": "drivers/virtio/", "tg3": "drivers/net/ethernet/broadcom/tg3.c",
		"e100": "drivers/net/ethernet/intel/e100.c", "e1000": "drivers/net/ethernet/intel/e1000/",
		"e1000e": "drivers/net/ethernet/intel/e1000e/", "igb": "drivers/net/ethernet/intel/igb/", "nvme": "drivers/nvme/host/",
		"kvm": "virt/kvm/", "x86": "arch/x86/kernel/", "xfs": "fs/xfs/", "ext4": "fs/ext4/", "btrfs": "fs/btrfs/",
		"overlay": "fs/overlayfs/", "fuse": "fs/fuse/", "nfs": "fs/nfs/", "bridge": "net/bridge/",
		"nf_tables": "net/netfilter/", "nf_conntrack": "net/netfilter/", "ip_tables": "net/ipv4/netfilter/",
		"net": "net/core/", "mm": "mm/", "block": "block/", "fs": "fs/", "lib": "lib/", "ipc": "ipc/", "crypto": "crypto/",
		"security": "security/", "sound": "sound/", "init": "init/", "io_uring": "io_uring/",
		"kernel/workqueue": "kernel/workqueue.c", "kernel/audit": "kernel/audit.c",
	}
}
