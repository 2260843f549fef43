package console

import "strings"

// subsystemPrefix says to which subsystem functions of a name belong.
type subsystemPrefix struct{ prefix, subsystem string }

// subsystem names the part of the kernel that a function belongs to: by the source file that the text names for it, by
// its module, by its name; "kernel" when nothing tells.
func (b *book) subsystem(function, module string, f *facts) string {
	own := function == "" || f.named == "" || function == f.named // the file is the function's, not a library's
	if f.path != "" && own && !hasAnyPrefix(f.path, "lib/", "include/", "arch/") {
		return subsystemOfPath(f.path)
	}
	if module != "" {
		return module
	}
	name := strings.TrimLeft(function, "_")
	for _, p := range b.prefixes {
		if strings.HasPrefix(name, p.prefix) {
			return p.subsystem
		}
	}
	return "kernel"
}

// subsystemOfPath shortens a path in the kernel tree to the word that people use.
func subsystemOfPath(path string) string {
	dirs := strings.Split(path, "/")
	dirs = dirs[:len(dirs)-1]
	switch {
	case len(dirs) == 0:
		return "kernel"
	case len(dirs) >= 3 && dirs[0] == "drivers" && dirs[1] == "net" && dirs[2] != "ethernet":
		return dirs[2]
	case len(dirs) >= 3 && dirs[0] == "arch":
		return dirs[2]
	case len(dirs) >= 2 && dirs[0] == "net" && (dirs[1] == "core" || dirs[1] == "ipv4" || dirs[1] == "ipv6"):
		return "net"
	case len(dirs) >= 2 && dirs[0] != "mm" && dirs[0] != "lib":
		return dirs[0] + "/" + dirs[1]
	}
	return dirs[0]
}

// subsystemPrefixes is in order: the first that fits counts.
func subsystemPrefixes() []subsystemPrefix {
	return []subsystemPrefix{
		{"wg_", "wireguard"}, {"xfs_", "fs/xfs"}, {"ext4_", "fs/ext4"}, {"ext2_", "fs/ext2"}, {"jbd2_", "fs/jbd2"},
		{"btrfs_", "fs/btrfs"}, {"f2fs_", "fs/f2fs"}, {"nfs_", "fs/nfs"}, {"nfsd_", "fs/nfsd"},
		{"fuse_", "fs/fuse"}, {"ovl_", "fs/overlayfs"}, {"proc_", "fs/proc"}, {"kernfs_", "fs/kernfs"},
		{"sysfs_", "fs/sysfs"}, {"iomap_", "fs/iomap"}, {"aio_", "fs"}, {"io_submit", "fs"}, {"zfs_", "zfs"},
		{"zio_", "zfs"}, {"spa_", "zfs"}, {"dmu_", "zfs"}, {"dnode_", "zfs"}, {"dsl_", "zfs"}, {"arc_", "zfs"},
		{"dbuf_", "zfs"}, {"txg_", "zfs"}, {"spl_", "zfs"}, {"vdev_", "zfs"}, {"zap_", "zfs"},
		{"metaslab_", "zfs"}, {"taskq_", "zfs"}, {"nf_", "net/netfilter"}, {"nft_", "net/netfilter"},
		{"xt_", "net/netfilter"}, {"ipt_", "net/netfilter"}, {"ip6t_", "net/netfilter"},
		{"ip_set_", "net/netfilter"}, {"ip_vs_", "net/netfilter"}, {"nfnetlink_", "net/netfilter"},
		{"br_", "net/bridge"}, {"packet_", "net/packet"}, {"tpacket_", "net/packet"}, {"netlink_", "net/netlink"},
		{"genl_", "net/netlink"}, {"unix_", "net/unix"}, {"sctp_", "net/sctp"}, {"tipc_", "net/tipc"},
		{"rds_", "net/rds"}, {"tls_", "net/tls"}, {"xfrm_", "net/xfrm"}, {"pfkey_", "net/key"},
		{"x25_", "net/x25"}, {"qdisc_", "net/sched"}, {"tcf_", "net/sched"}, {"tc_", "net/sched"},
		{"fq_", "net/sched"}, {"htb_", "net/sched"}, {"dev_activate", "net/sched"},
		{"dev_deactivate", "net/sched"}, {"macvlan_", "macvlan"}, {"veth_", "veth"}, {"vxlan_", "vxlan"},
		{"bond_", "bonding"}, {"tun_", "tun"}, {"vlan_", "net/8021q"}, {"e1000e_", "e1000e"}, {"e1000_", "e1000"},
		{"e100_", "e100"}, {"tg3_", "tg3"}, {"igb_", "igb"}, {"virtnet_", "virtio_net"}, {"virtqueue_", "virtio"},
		{"virtio_", "virtio"}, {"mac80211_", "net/mac80211"}, {"ieee80211_", "net/mac80211"},
		{"cfg80211_", "net/wireless"}, {"nl80211_", "net/wireless"}, {"tcp_", "net"}, {"udp", "net"},
		{"ip_", "net"}, {"ip6_", "net"}, {"ipv6_", "net"}, {"inet_", "net"}, {"inet6_", "net"}, {"icmp", "net"},
		{"arp_", "net"}, {"neigh_", "net"}, {"fib_", "net"}, {"fib6_", "net"}, {"rt6_", "net"}, {"rtnl_", "net"},
		{"rtnetlink", "net"}, {"sock_", "net"}, {"sk_", "net"}, {"skb_", "net"}, {"alloc_skb", "net"},
		{"kfree_skb", "net"}, {"consume_skb", "net"}, {"napi_", "net"}, {"netif_", "net"}, {"net_rx_", "net"},
		{"net_tx_", "net"}, {"dev_queue", "net"}, {"dev_hard", "net"}, {"netdev_", "net"}, {"net_ns", "net"},
		{"cleanup_net", "net"}, {"copy_net_ns", "net"}, {"setup_net", "net"}, {"register_netdev", "net"},
		{"unregister_netdev", "net"}, {"default_device_exit", "net"}, {"ipmr_", "net"}, {"igmp_", "net"},
		{"mld_", "net"}, {"mem_cgroup", "mm"}, {"memcg_", "mm"}, {"shrink_", "mm"}, {"filemap_", "mm"},
		{"folio_", "mm"}, {"find_lock_entries", "mm"}, {"page_", "mm"}, {"vm_", "mm"}, {"mmap", "mm"},
		{"munmap", "mm"}, {"do_mmap", "mm"}, {"unmap_", "mm"}, {"zap_p", "mm"}, {"handle_mm_fault", "mm"},
		{"swap", "mm"}, {"kswapd", "mm"}, {"compact_", "mm"}, {"migrate_", "mm"}, {"khugepaged", "mm"},
		{"truncate_", "mm"}, {"vma_", "mm"}, {"invalidate_mapping", "mm"}, {"writeback_", "mm"},
		{"balance_dirty", "mm"}, {"slab", "mm"}, {"kmem_", "mm"}, {"rmap_", "mm"}, {"isolate_", "mm"},
		{"free_p", "mm"}, {"alloc_p", "mm"}, {"try_to_unmap", "mm"}, {"huge", "mm"}, {"gup_", "mm"},
		{"blk_", "block"}, {"bio_", "block"}, {"submit_bio", "block"}, {"blkdev_", "block"}, {"elv_", "block"},
		{"bdev_", "block"}, {"nvme_", "nvme"}, {"scsi_", "drivers/scsi"}, {"ata_", "drivers/ata"},
		{"md_", "drivers/md"}, {"dm_", "drivers/md"}, {"loop_", "drivers/block"}, {"cgroup_", "kernel/cgroup"},
		{"css_", "kernel/cgroup"}, {"cpuset_", "kernel/cgroup"}, {"bpf_", "kernel/bpf"},
		{"perf_", "kernel/events"}, {"rcu_", "kernel/rcu"}, {"srcu_", "kernel/rcu"}, {"sched_", "kernel/sched"},
		{"enqueue_", "kernel/sched"}, {"dequeue_", "kernel/sched"}, {"update_load", "kernel/sched"},
		{"pick_next", "kernel/sched"}, {"try_to_wake_up", "kernel/sched"}, {"workqueue_", "kernel/workqueue"},
		{"futex_", "kernel/futex"}, {"lock", "kernel/locking"}, {"timer", "kernel/time"},
		{"hrtimer", "kernel/time"}, {"tick_", "kernel/time"}, {"ktime_", "kernel/time"},
		{"clockevents", "kernel/time"}, {"trace_", "kernel/trace"}, {"ring_buffer", "kernel/trace"},
		{"audit_", "kernel/audit"}, {"printk", "kernel/printk"}, {"console_", "kernel/printk"}, {"kvm_", "kvm"},
		{"vmx_", "kvm"}, {"svm_", "kvm"}, {"io_uring", "io_uring"}, {"io_sq_", "io_uring"}, {"io_wq", "io_uring"},
		{"usb_", "drivers/usb"}, {"hub_", "drivers/usb"}, {"snd_", "sound"}, {"drm_", "drivers/gpu"},
		{"tty_", "drivers/tty"}, {"n_tty", "drivers/tty"}, {"vc_", "drivers/tty"}, {"vcs_", "drivers/tty"},
		{"con_", "drivers/tty"}, {"serial", "drivers/tty"}, {"input_", "drivers/input"}, {"hid", "drivers/hid"},
		{"i2c_", "drivers/i2c"}, {"ib_", "drivers/infiniband"}, {"rdma_", "drivers/infiniband"},
		{"hci_", "net/bluetooth"}, {"l2cap_", "net/bluetooth"}, {"sco_", "net/bluetooth"}, {"p9_", "net/9p"},
		{"nfc_", "net/nfc"}, {"selinux_", "security/selinux"}, {"apparmor_", "security/apparmor"},
		{"aa_", "security/apparmor"}, {"smack_", "security/smack"}, {"smk_", "security/smack"},
		{"security_", "security"}, {"crypto_", "crypto"}, {"aead_", "crypto"}, {"ipc_", "ipc"}, {"shm_", "ipc"},
		{"sem_", "ipc"}, {"vfs_", "fs"}, {"dput", "fs"}, {"d_", "fs"}, {"iput", "fs"}, {"evict", "fs"},
		{"inode_", "fs"}, {"path_", "fs"}, {"do_mount", "fs"}, {"umount", "fs"}, {"cleanup_mnt", "fs"},
		{"fput", "fs"}, {"ep_", "fs"}, {"wb_", "fs"}, {"sync_", "fs"}, {"iterate_", "fs"}, {"chrdev_", "fs"},
		{"locks_", "fs"}, {"seq_", "fs"}, {"simple_", "fs"}, {"pipe_", "fs"}, {"eventfd_", "fs"},
		{"fsnotify", "fs"}, {"inotify_", "fs"}, {"list_", "lib"}, {"refcount_", "lib"},
	}
}
