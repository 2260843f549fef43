// SPDX-License-Identifier: GPL-2.0
/*
 * seedednic - a network driver that panics above a planted frame rate
 *
 * A positive control for searches over a rate, after a real incident: when the traffic rose, a driver switched from
 * interrupts to polling (NAPI), needed a structure that it had not set up, and panicked.
 *
 * "bnic0" is an Ethernet device on top of another one, which plays its hardware: it takes all frames that the lower
 * device receives, and hands over all that it sends. Parameters, at load or in /sys/module/seedednic/parameters:
 *
 *	lower	name of the lower device, in the network namespace of the writer; an empty line takes bnic0 away
 *	at	frames a second from which on the driver polls, and so panics; 0 is never
 *	window	milliseconds over which the rate is measured
 *	peak	the highest rate measured, frames a second; write 0 to begin anew
 *
 * Never load this on a machine that you need.
 */
#include <linux/atomic.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/netdevice.h>
#include <linux/notifier.h>
#include <linux/nsproxy.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#define BNIC_NAME "bnic0"

static unsigned int at;
module_param(at, uint, 0644);
MODULE_PARM_DESC(at, "frames a second from which on the driver panics, 0 is never");

static unsigned int window = 500;
module_param(window, uint, 0644);
MODULE_PARM_DESC(window, "milliseconds over which the rate is measured");

static unsigned int peak;
module_param(peak, uint, 0644);
MODULE_PARM_DESC(peak, "the highest rate measured, frames a second");

struct bnic {
	struct net_device *dev;
	struct net_device *lower;
	struct napi_struct napi;	/* the planted fault: no netif_napi_add() */

	spinlock_t lock;		/* guards the next two; a lower device with several queues is on several CPUs */
	u64 since;			/* when the first frame of the window came, ns */
	u64 frames;			/* how many came since, that one included */

	/* Not per CPU: the interfaces for that have changed three times from 5.10 on. */
	atomic64_t rx_packets, rx_bytes, tx_packets, tx_bytes, tx_dropped;
};

/* The only one, guarded by the RTNL lock. */
static struct net_device *bnic_dev;

/* Rate and fault */

/*
 * Counts frames, and returns the rate of the window that ends with them, 0 while it goes on. A window goes from one
 * frame to another one, so a steady rate is measured exactly, whatever its relation to the window. A pause makes it
 * longer.
 */
static unsigned int bnic_measure(struct bnic *nic, unsigned int frames)
{
	u64 now = ktime_get_ns(), took;
	unsigned int rate = 0;

	spin_lock(&nic->lock);
	took = now - nic->since;
	if (took >= max(READ_ONCE(window), 1U) * (u64)NSEC_PER_MSEC) {
		rate = min_t(u64, div64_u64(nic->frames * NSEC_PER_SEC, took), UINT_MAX);
		nic->since = now;
		nic->frames = 0;
	}
	nic->frames += frames;
	if (rate > READ_ONCE(peak))
		WRITE_ONCE(peak, rate);
	spin_unlock(&nic->lock);
	return rate;
}

/* Asks the kernel to poll from now on, with a context that nobody set up: its poll function is NULL. */
static noinline void bnic_poll_mode(struct bnic *nic, unsigned int rate)
{
	netdev_warn(nic->dev, "%u frames/s, change from interrupts to polling\n", rate);
	napi_schedule(&nic->napi);
}

/* Frames */

/* Runs for each frame that the lower device receives, with bottom halves off, under RCU. */
static rx_handler_result_t bnic_receive(struct sk_buff **pskb)
{
	struct bnic *nic = rcu_dereference((*pskb)->dev->rx_handler_data);
	struct sk_buff *skb = *pskb;
	unsigned int frames, rate, limit = READ_ONCE(at);

	if (skb->pkt_type == PACKET_LOOPBACK)
		return RX_HANDLER_PASS;
	if (!(nic->dev->flags & IFF_UP)) {
		kfree_skb(skb);
		return RX_HANDLER_CONSUMED;
	}
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb)
		return RX_HANDLER_CONSUMED;
	frames = max_t(unsigned int, skb_shinfo(skb)->gso_segs, 1);	/* GRO may have merged several */
	atomic64_add(frames, &nic->rx_packets);
	atomic64_add(skb->len + ETH_HLEN, &nic->rx_bytes);

	rate = bnic_measure(nic, frames);
	if (limit && rate >= limit)
		bnic_poll_mode(nic, rate);
	skb->dev = nic->dev;
	netif_rx(skb);	/* what it drops it counts itself */
	return RX_HANDLER_CONSUMED;
}

static netdev_tx_t bnic_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct bnic *nic = netdev_priv(dev);
	unsigned int len = skb->len;
	int err;

	skb->dev = nic->lower;
	err = dev_queue_xmit(skb);
	if (err == NET_XMIT_SUCCESS || err == NET_XMIT_CN) {
		atomic64_inc(&nic->tx_packets);
		atomic64_add(len, &nic->tx_bytes);
	} else {
		atomic64_inc(&nic->tx_dropped);
	}
	return NETDEV_TX_OK;
}

static void bnic_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *stats)
{
	struct bnic *nic = netdev_priv(dev);

	stats->rx_packets = atomic64_read(&nic->rx_packets);
	stats->rx_bytes = atomic64_read(&nic->rx_bytes);
	stats->tx_packets = atomic64_read(&nic->tx_packets);
	stats->tx_bytes = atomic64_read(&nic->tx_bytes);
	stats->tx_dropped = atomic64_read(&nic->tx_dropped);
}

/* The device */

static void bnic_follow_carrier(struct net_device *dev, struct net_device *lower)
{
	if (netif_running(lower) && netif_carrier_ok(lower))
		netif_carrier_on(dev);
	else
		netif_carrier_off(dev);
}

/* A device that is down has no hold on the lower one, so these count only while it is up. */
static void bnic_change_rx_flags(struct net_device *dev, int change)
{
	struct bnic *nic = netdev_priv(dev);

	if (!(dev->flags & IFF_UP))
		return;
	if (change & IFF_ALLMULTI)
		dev_set_allmulti(nic->lower, dev->flags & IFF_ALLMULTI ? 1 : -1);
	if (change & IFF_PROMISC)
		dev_set_promiscuity(nic->lower, dev->flags & IFF_PROMISC ? 1 : -1);
}

static void bnic_set_rx_mode(struct net_device *dev)
{
	struct bnic *nic = netdev_priv(dev);

	dev_uc_sync(nic->lower, dev);
	dev_mc_sync(nic->lower, dev);
}

static int bnic_open(struct net_device *dev)
{
	struct bnic *nic = netdev_priv(dev);
	int err;

	if (!(nic->lower->flags & IFF_UP))
		return -ENETDOWN;
	if (dev->flags & IFF_ALLMULTI) {
		err = dev_set_allmulti(nic->lower, 1);
		if (err)
			return err;
	}
	if (dev->flags & IFF_PROMISC) {
		err = dev_set_promiscuity(nic->lower, 1);
		if (err)
			goto out;
	}
	return 0;
out:
	if (dev->flags & IFF_ALLMULTI)
		dev_set_allmulti(nic->lower, -1);
	return err;
}

static int bnic_stop(struct net_device *dev)
{
	struct bnic *nic = netdev_priv(dev);

	dev_uc_unsync(nic->lower, dev);
	dev_mc_unsync(nic->lower, dev);
	if (dev->flags & IFF_ALLMULTI)
		dev_set_allmulti(nic->lower, -1);
	if (dev->flags & IFF_PROMISC)
		dev_set_promiscuity(nic->lower, -1);
	return 0;
}

static int bnic_change_mtu(struct net_device *dev, int mtu)
{
	struct bnic *nic = netdev_priv(dev);

	if (mtu > nic->lower->mtu)
		return -ERANGE;
	WRITE_ONCE(dev->mtu, mtu);
	return 0;
}

static const struct net_device_ops bnic_ops = {
	.ndo_open		= bnic_open,
	.ndo_stop		= bnic_stop,
	.ndo_start_xmit		= bnic_xmit,
	.ndo_get_stats64	= bnic_get_stats64,
	.ndo_change_rx_flags	= bnic_change_rx_flags,
	.ndo_set_rx_mode	= bnic_set_rx_mode,
	.ndo_change_mtu		= bnic_change_mtu,
	.ndo_validate_addr	= eth_validate_addr,
};

static void bnic_get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	struct bnic *nic = netdev_priv(dev);

	strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
	strscpy(info->bus_info, netdev_name(nic->lower), sizeof(info->bus_info));
}

static const struct ethtool_ops bnic_ethtool_ops = {
	.get_drvinfo	= bnic_get_drvinfo,
	.get_link	= ethtool_op_get_link,
};

static struct net_device *bnic_alloc(struct net_device *lower)
{
	struct net_device *dev = alloc_etherdev(sizeof(struct bnic));
	struct bnic *nic;

	if (!dev)
		return NULL;
	nic = netdev_priv(dev);
	nic->dev = dev;
	nic->lower = lower;
	spin_lock_init(&nic->lock);

	strscpy(dev->name, BNIC_NAME, sizeof(dev->name));
	dev_net_set(dev, dev_net(lower));
	eth_hw_addr_inherit(dev, lower);
	dev->netdev_ops = &bnic_ops;
	dev->ethtool_ops = &bnic_ethtool_ops;
	dev->needs_free_netdev = true;
	dev->priv_flags |= IFF_NO_QUEUE | IFF_UNICAST_FLT;
	dev->mtu = lower->mtu;
	dev->max_mtu = ETH_MAX_MTU;
	/* The lower device locks its queues. The flag moved in 6.12. */
#ifdef NETIF_F_LLTX
	dev->features |= NETIF_F_LLTX;
#else
	dev->lltx = true;
#endif
	return dev;
}

/* Coming and going, all under the RTNL lock */

static void bnic_detach(void)
{
	struct net_device *dev = bnic_dev, *lower;

	if (!dev)
		return;
	bnic_dev = NULL;
	lower = ((struct bnic *)netdev_priv(dev))->lower;
	dev_close(dev);
	netdev_rx_handler_unregister(lower);
	netdev_upper_dev_unlink(lower, dev);
	unregister_netdevice(dev);
	dev_put(lower);
}

static int bnic_attach(const char *name)
{
	struct net_device *dev, *lower = __dev_get_by_name(current->nsproxy->net_ns, name);
	int err;

	if (bnic_dev)
		return -EBUSY;
	if (!lower)
		return -ENODEV;
	if (lower->type != ARPHRD_ETHER || lower->flags & IFF_LOOPBACK)
		return -EINVAL;
	dev = bnic_alloc(lower);
	if (!dev)
		return -ENOMEM;
	bnic_follow_carrier(dev, lower);
	err = netdev_rx_handler_register(lower, bnic_receive, netdev_priv(dev));
	if (err) {
		free_netdev(dev);
		return err;
	}
	err = register_netdevice(dev);
	if (err) {
		netdev_rx_handler_unregister(lower);
		free_netdev(dev);
		return err;
	}
	err = netdev_upper_dev_link(lower, dev, NULL);
	if (err) {
		netdev_rx_handler_unregister(lower);
		unregister_netdevice(dev);
		return err;
	}
	dev_hold(lower);
	bnic_dev = dev;
	return 0;
}

/* Follows what happens to the lower device. */
static int bnic_event(struct notifier_block *block, unsigned long event, void *data)
{
	struct net_device *lower = netdev_notifier_info_to_dev(data), *dev = bnic_dev;

	if (!dev || ((struct bnic *)netdev_priv(dev))->lower != lower)
		return NOTIFY_DONE;
	switch (event) {
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
		bnic_follow_carrier(dev, lower);
		break;
	case NETDEV_CHANGEMTU:
		if (dev->mtu > lower->mtu)
			dev_set_mtu(dev, lower->mtu);
		break;
	case NETDEV_UNREGISTER:
		bnic_detach();
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block bnic_notifier = {
	.notifier_call = bnic_event,
};

/* The parameter "lower", guarded by the lock of the module's parameters */

static char bnic_wanted[IFNAMSIZ];	/* given at load, for the time when the module is ready */
static bool bnic_ready;

static int bnic_change(const char *name)
{
	int err = 0;

	rtnl_lock();
	if (*name)
		err = bnic_attach(name);
	else
		bnic_detach();
	rtnl_unlock();
	return err;
}

static int bnic_set_lower(const char *value, const struct kernel_param *param)
{
	char name[IFNAMSIZ];
	size_t length = strcspn(value, "\n");

	if (length >= sizeof(name))
		return -ENAMETOOLONG;
	memcpy(name, value, length);
	name[length] = '\0';
	if (bnic_ready)
		return bnic_change(name);
	strscpy(bnic_wanted, name, sizeof(bnic_wanted));
	return 0;
}

static int bnic_get_lower(char *buffer, const struct kernel_param *param)
{
	const char *name = "";
	int length;

	rtnl_lock();
	if (bnic_dev)
		name = netdev_name(((struct bnic *)netdev_priv(bnic_dev))->lower);
	length = sprintf(buffer, "%s\n", name);
	rtnl_unlock();
	return length;
}

static const struct kernel_param_ops bnic_lower_ops = {
	.set = bnic_set_lower,
	.get = bnic_get_lower,
};

module_param_cb(lower, &bnic_lower_ops, NULL, 0644);
MODULE_PARM_DESC(lower, "name of the lower device, empty for none");

static int __init bnic_init(void)
{
	int err = register_netdevice_notifier(&bnic_notifier);

	if (err)
		return err;
	kernel_param_lock(THIS_MODULE);
	err = bnic_change(bnic_wanted);
	bnic_ready = !err;
	kernel_param_unlock(THIS_MODULE);
	if (err)
		unregister_netdevice_notifier(&bnic_notifier);
	return err;
}

static void __exit bnic_exit(void)
{
	kernel_param_lock(THIS_MODULE);
	bnic_ready = false;
	bnic_change("");
	kernel_param_unlock(THIS_MODULE);
	unregister_netdevice_notifier(&bnic_notifier);
}

module_init(bnic_init);
module_exit(bnic_exit);

MODULE_DESCRIPTION("Network driver that panics above a planted frame rate");
MODULE_LICENSE("GPL");
