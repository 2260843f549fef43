// SPDX-License-Identifier: GPL-2.0
/*
 * seeded - planted kernel failures at a planted size
 *
 * A positive control for crash detectors. /dev/brink-seeded takes one command a write(2):
 *
 *	plan MODE AT	choose the failure and the number of entries from which on it fires
 *	plan MODE AT K SEED	the same; with that many entries it fires once in K times, drawn from SEED
 *	grow N		add N entries to the list: the state that grows
 *	walk		the operation under test; fires MODE when there are AT entries or more
 *	hold FD		the same for the modes that need a file or the caller's own thread
 *	clear		free all entries and end what can be ended
 *
 * Every failure has a function of its own, named after its mode, so that a trace names it. They are reached through a
 * table only, which keeps the compiler from inlining or cloning them under other names.
 *
 * Never load this on a machine that you need.
 */
#define pr_fmt(fmt) "brink-seeded: " fmt

#include <linux/bottom_half.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/math64.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#define SEEDED_LINE	64		/* longest command, bytes */
#define SEEDED_COST	(10 * NSEC_PER_MSEC)	/* what a linear or quadratic walk takes at AT */
#define SEEDED_LOW	(10 * NSEC_PER_USEC)	/* what a walk takes below the knee, and from it on */
#define SEEDED_HIGH	(50 * NSEC_PER_MSEC)
#define SEEDED_GIVEBACK	4096		/* pages that a killed leaker gives back, so that the guest can tell of it */

/* One entry: 64 bytes, the size of a kmalloc cache and of a cache line. */
struct seeded_node {
	struct list_head link;
	u64 work[6];
};

struct seeded_mode {
	const char *name;
	int (*cost)(unsigned long size);	/* runs on each walk, whatever the size */
	int (*fire)(unsigned long size);	/* runs when a walk finds AT entries or more */
	int (*hold)(unsigned int fd);		/* runs when a hold finds AT entries or more */
};

/* Guards all state below. No failure fires with it held. */
static DEFINE_MUTEX(seeded_lock);
static LIST_HEAD(seeded_list);
static unsigned long seeded_entries;
static unsigned long seeded_at = ULONG_MAX;
static const struct seeded_mode *seeded_mode;
static u64 seeded_one_in = 1;
static u64 seeded_draws;		/* state of the random numbers */
static struct file *seeded_files[64];
static unsigned int seeded_held;
static unsigned long *seeded_leaked;	/* pages, each with the address of the one before in its first word */

/* Sleepers wait for the epoch to change, which only clear does. */
static DECLARE_WAIT_QUEUE_HEAD(seeded_wait);
static unsigned int seeded_epoch;

unsigned long rcu_get_gp_seq(void);	/* exported for rcutorture, declared in no public header */

/* The two low bits of the grace period number are its phase, 0 when there is none (kernel/rcu/rcu.h). */
static bool seeded_gp_idle(void)
{
	return !(rcu_get_gp_seq() & 3);
}

/*
 * Plain work of this module: about two instructions a turn, so that a profile finds them here. Without cpu_relax(): an
 * emulated CPU leaves its loop for each of those, which makes a hang under an instruction clock take hours.
 */
static __always_inline void seeded_churn(unsigned int turns)
{
	while (turns--)
		barrier();
}

/* Cost modes */

static __always_inline void seeded_spin_until(u64 end)
{
	while (ktime_get_ns() < end)
		seeded_churn(128);
}

/* Walks the whole list and works on each entry for its share of total, by the clock. */
static __always_inline void seeded_walk_list(u64 total, unsigned long size)
{
	struct seeded_node *node;
	u64 start = ktime_get_ns();
	unsigned long i = 0;

	list_for_each_entry(node, &seeded_list, link) {
		WRITE_ONCE(node->work[0], node->work[0] + 1);
		if (!(++i & 15))
			seeded_spin_until(start + div64_u64(total * i, size));
	}
	seeded_spin_until(start + total);
}

static noinline int seeded_linear(unsigned long size)
{
	seeded_walk_list(div64_u64(SEEDED_COST * (u64)size, seeded_at), size);
	return 0;
}

static noinline int seeded_quadratic(unsigned long size)
{
	u64 once = div64_u64(SEEDED_COST * (u64)size, seeded_at);

	seeded_walk_list(div64_u64(once * size, seeded_at), size);
	return 0;
}

static noinline int seeded_knee(unsigned long size)
{
	seeded_spin_until(ktime_get_ns() + (size < seeded_at ? SEEDED_LOW : SEEDED_HIGH));
	return 0;
}

/* Faults */

static noinline int seeded_panic(unsigned long size)
{
	panic("brink-seeded: planted panic");
	return 0;
}

static noinline int seeded_oops(unsigned long size)
{
	unsigned long *volatile nowhere = NULL;

	WRITE_ONCE(*nowhere, size);
	return 0;
}

static noinline int seeded_gpf(unsigned long size)
{
	unsigned long *volatile nowhere = (unsigned long *)0x5eeded5eeded5eedUL;

	WRITE_ONCE(*nowhere, size);
	return 0;
}

static noinline int seeded_bug(unsigned long size)
{
	BUG();
	return 0;
}

static noinline int seeded_warn(unsigned long size)
{
	WARN(1, "brink-seeded: planted warning, size %lu\n", size);
	return 0;
}

/* CONFIG_DEBUG_LIST sees that the neighbours do not point back. */
static noinline int seeded_corruption(unsigned long size)
{
	struct list_head before, victim, after;

	INIT_LIST_HEAD(&before);
	INIT_LIST_HEAD(&after);
	victim.prev = &before;
	victim.next = &after;
	list_del(&victim);
	return 0;
}

/*
 * schedule() finds the preemption count raised, complains, and sets it right again (__schedule_bug()), so it is not
 * lowered here. The count is raised by hand because preempt_disable() does nothing without CONFIG_PREEMPT_COUNT.
 */
static noinline int seeded_atomic_sleep(unsigned long size)
{
	preempt_count_add(1);
	schedule();
	return 0;
}

/* Hangs */

/*
 * Waits for a time without grace period, so that the RCU stall detector has nothing to wait for: on one CPU no new one
 * can begin, as its thread does not run. On several, this CPU says now and then that it holds no reader.
 */
static noinline int seeded_soft_lockup(unsigned long size)
{
	for (;;) {
		synchronize_rcu();
		schedule_timeout_uninterruptible(2);
		preempt_disable();
		if (seeded_gp_idle())
			break;
		preempt_enable();
	}
	for (;;) {
		seeded_churn(1 << 20);
#ifdef SEEDED_MOMENTARY_EQS
		rcu_momentary_eqs();
#else
		rcu_momentary_dyntick_idle();
#endif
	}
	return 0;
}

static noinline int seeded_hard_lockup(unsigned long size)
{
	local_irq_disable();
	for (;;)
		seeded_churn(1 << 20);
	return 0;
}

static void seeded_rcu_nothing(struct rcu_head *head)
{
}

static struct rcu_head seeded_rcu_head;

/* Whether a grace period is under way that began after the number was seq. */
static bool seeded_gp_since(unsigned long seq)
{
	unsigned long now = rcu_get_gp_seq();

	return (now & 3) && (long)((now & ~3UL) - ((seq + 3) & ~3UL)) >= 0;
}

/*
 * Asks for a grace period, gives way until it has begun, and then keeps the CPU with softirqs off. Giving way was a
 * quiescent state, but it is a softirq that reports it, so the grace period waits for this CPU, and where readers can be
 * preempted for this reader too. It never sleeps in between: an idle CPU would let the grace period end.
 */
static noinline int seeded_rcu_stall(unsigned long size)
{
	unsigned long seq;

	rcu_read_lock();
	seq = rcu_get_gp_seq();
	call_rcu(&seeded_rcu_head, seeded_rcu_nothing);
	while (!seeded_gp_since(seq)) {
#ifdef CONFIG_PREEMPT_RCU
		cond_resched();		/* counts as preemption, which a reader may suffer */
#else
		rcu_read_unlock();
		yield();
		rcu_read_lock();
#endif
	}
	local_bh_disable();	/* and preemption with them */
	for (;;)
		seeded_churn(1 << 20);
	return 0;
}

static noinline int seeded_hung_task(unsigned long size)
{
	unsigned int epoch = READ_ONCE(seeded_epoch);

	wait_event(seeded_wait, READ_ONCE(seeded_epoch) != epoch);
	return 0;
}

static noinline int seeded_sleep(unsigned long size)
{
	unsigned int epoch = READ_ONCE(seeded_epoch);

	return wait_event_interruptible(seeded_wait, READ_ONCE(seeded_epoch) != epoch);
}

/* Failures without a fault */

static noinline int seeded_leak(unsigned long size)
{
	unsigned long *page, *next, given;

	while (!fatal_signal_pending(current)) {
		page = (unsigned long *)__get_free_page(GFP_KERNEL | __GFP_NOWARN);
		if (!page)
			break;
		page[0] = (unsigned long)seeded_leaked;
		seeded_leaked = page;
		cond_resched();
	}
	for (given = 0; given < SEEDED_GIVEBACK && seeded_leaked; given++) {
		next = (unsigned long *)seeded_leaked[0];
		free_page((unsigned long)seeded_leaked);
		seeded_leaked = next;
	}
	return -ENOMEM;
}

static noinline int seeded_errno(unsigned long size)
{
	return -ENOBUFS;
}

static noinline int seeded_error_line(unsigned long size)
{
	pr_err("planted error, size %lu\n", size);
	return 0;
}

static noinline int seeded_kill(unsigned long size)
{
	send_sig(SIGKILL, current, 1);
	return 0;
}

/* An empty interrupt table makes the breakpoint a double, then a triple fault (Intel SDM volume 3, 6.15). */
static noinline int seeded_triple_fault(unsigned long size)
{
	struct {
		u16 limit;
		u64 base;
	} __packed nothing = { 0, 0 };

	local_irq_disable();
	asm volatile("lidt %0\n\tint3" : : "m" (nothing));
	for (;;)
		seeded_churn(1 << 20);
	return 0;
}

/* Neither killable nor reported: khungtaskd looks at TASK_UNINTERRUPTIBLE only, without TASK_NOLOAD. */
static noinline int seeded_zombie(unsigned int fd)
{
	unsigned int epoch = READ_ONCE(seeded_epoch);

	wait_event_idle(seeded_wait, READ_ONCE(seeded_epoch) != epoch);
	return 0;
}

/* Keeps the file open beyond the life of all who have it in their tables. */
static noinline int seeded_port(unsigned int fd)
{
	struct file *file = fget(fd);

	if (!file)
		return -EBADF;
	mutex_lock(&seeded_lock);
	if (seeded_held == ARRAY_SIZE(seeded_files)) {
		mutex_unlock(&seeded_lock);
		fput(file);
		return -ENOSPC;
	}
	seeded_files[seeded_held++] = file;
	mutex_unlock(&seeded_lock);
	return 0;
}

static const struct seeded_mode seeded_modes[] = {
	{ .name = "none" },
	{ .name = "linear",		.cost = seeded_linear },
	{ .name = "quadratic",		.cost = seeded_quadratic },
	{ .name = "knee",		.cost = seeded_knee },
	{ .name = "panic",		.fire = seeded_panic },
	{ .name = "oops",		.fire = seeded_oops },
	{ .name = "gpf",		.fire = seeded_gpf },
	{ .name = "bug",		.fire = seeded_bug },
	{ .name = "warn",		.fire = seeded_warn },
	{ .name = "corruption",		.fire = seeded_corruption },
	{ .name = "atomic-sleep",	.fire = seeded_atomic_sleep },
	{ .name = "soft-lockup",	.fire = seeded_soft_lockup },
	{ .name = "hard-lockup",	.fire = seeded_hard_lockup },
	{ .name = "rcu-stall",		.fire = seeded_rcu_stall },
	{ .name = "hung-task",		.fire = seeded_hung_task },
	{ .name = "sleep",		.fire = seeded_sleep },
	{ .name = "leak",		.fire = seeded_leak },
	{ .name = "errno",		.fire = seeded_errno },
	{ .name = "error-line",		.fire = seeded_error_line },
	{ .name = "kill",		.fire = seeded_kill },
	{ .name = "triple-fault",	.fire = seeded_triple_fault },
	{ .name = "zombie",		.hold = seeded_zombie },
	{ .name = "port",		.hold = seeded_port },
};

/* Commands */

static int seeded_plan(const char *name, unsigned long at, u64 one_in, u64 seed)
{
	unsigned int i;

	if (!at || !one_in)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(seeded_modes); i++) {
		if (strcmp(seeded_modes[i].name, name))
			continue;
		mutex_lock(&seeded_lock);
		seeded_mode = &seeded_modes[i];
		seeded_at = at;
		seeded_one_in = one_in;
		seeded_draws = seed;
		mutex_unlock(&seeded_lock);
		return 0;
	}
	return -EINVAL;
}

static int seeded_grow(unsigned long count)
{
	int err = 0;

	mutex_lock(&seeded_lock);
	for (; count; count--) {
		struct seeded_node *node = kmalloc(sizeof(*node), GFP_KERNEL);

		if (!node) {
			err = -ENOMEM;
			break;
		}
		node->work[0] = 0;
		list_add_tail(&node->link, &seeded_list);
		if (++seeded_entries % 1024)
			continue;
		cond_resched();
		if (fatal_signal_pending(current)) {
			err = -EINTR;
			break;
		}
	}
	mutex_unlock(&seeded_lock);
	return err;
}

/* The next random number (SplitMix64: Steele, Lea, Flood, Fast splittable pseudorandom number generators, 2014). */
static u64 seeded_draw(void)
{
	u64 z = seeded_draws += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* Whether the failure is due with so many entries. Draws only then, with the lock held. */
static bool seeded_due(unsigned long size)
{
	return size >= seeded_at && (seeded_one_in == 1 || seeded_draw() % seeded_one_in == 0);
}

static int seeded_walk(void)
{
	const struct seeded_mode *mode;
	unsigned long size;
	bool due;
	int err = 0;

	mutex_lock(&seeded_lock);
	mode = seeded_mode;
	size = seeded_entries;
	due = mode && mode->fire && seeded_due(size);
	if (mode && mode->cost) {
		preempt_disable();	/* so that time by the clock is time on the CPU, on every kernel */
		err = mode->cost(size);
		preempt_enable();
	}
	mutex_unlock(&seeded_lock);
	if (due)
		err = mode->fire(size);
	return err;
}

static int seeded_hold(unsigned int fd)
{
	const struct seeded_mode *mode;
	bool due;

	mutex_lock(&seeded_lock);
	mode = seeded_mode;
	due = mode && mode->hold && seeded_due(seeded_entries);
	mutex_unlock(&seeded_lock);
	return due ? mode->hold(fd) : 0;
}

static int seeded_clear(void)
{
	struct seeded_node *node, *next;

	mutex_lock(&seeded_lock);
	list_for_each_entry_safe(node, next, &seeded_list, link) {
		list_del(&node->link);
		kfree(node);
		if (!(--seeded_entries % 1024))
			cond_resched();
	}
	while (seeded_leaked) {
		unsigned long page = (unsigned long)seeded_leaked;

		seeded_leaked = (unsigned long *)seeded_leaked[0];
		free_page(page);
	}
	while (seeded_held)
		fput(seeded_files[--seeded_held]);
	WRITE_ONCE(seeded_epoch, seeded_epoch + 1);
	mutex_unlock(&seeded_lock);
	wake_up_all(&seeded_wait);
	return 0;
}

static int seeded_command(char *line)
{
	char *verb = strsep(&line, " "), *name, *at, *one_in;
	unsigned long number;
	u64 k = 1, seed = 0;
	unsigned int fd;

	if (!strcmp(verb, "walk") && !line)
		return seeded_walk();
	if (!strcmp(verb, "clear") && !line)
		return seeded_clear();
	if (!strcmp(verb, "plan")) {
		name = strsep(&line, " ");
		at = strsep(&line, " ");
		if (!name || !at || kstrtoul(at, 10, &number))
			return -EINVAL;
		one_in = strsep(&line, " ");
		if (one_in && (!line || kstrtou64(one_in, 10, &k) || kstrtou64(line, 10, &seed)))
			return -EINVAL;
		return seeded_plan(name, number, k, seed);
	}
	if (!strcmp(verb, "grow") && line && !kstrtoul(line, 10, &number))
		return seeded_grow(number);
	if (!strcmp(verb, "hold") && line && !kstrtouint(line, 10, &fd))
		return seeded_hold(fd);
	return -EINVAL;
}

static ssize_t seeded_write(struct file *file, const char __user *from, size_t length, loff_t *pos)
{
	char line[SEEDED_LINE];
	int err;

	if (!length || length >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, from, length))
		return -EFAULT;
	if (line[length - 1] == '\n')
		line[length - 1] = '\0';
	line[length] = '\0';
	err = seeded_command(line);
	return err ? err : length;
}

static const struct file_operations seeded_operations = {
	.owner	= THIS_MODULE,
	.write	= seeded_write,
};

static struct miscdevice seeded_device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "brink-seeded",
	.fops	= &seeded_operations,
	.mode	= 0600,
};

static int __init seeded_init(void)
{
	return misc_register(&seeded_device);
}

static void __exit seeded_exit(void)
{
	misc_deregister(&seeded_device);
	seeded_clear();
	rcu_barrier();
}

module_init(seeded_init);
module_exit(seeded_exit);

MODULE_DESCRIPTION("Planted kernel failures at a planted size");
MODULE_LICENSE("GPL");
