// SPDX-License-Identifier: GPL-2.0
/*
 * seededosxsave - says that the kernel has not enabled XSAVE, although it has
 *
 * Commit b81fac906a8f ("x86/fpu: Move FPU initialization into arch_cpu_finalize_init()") enabled it after the boot CPU's
 * features had been read, so that OSXSAVE was missing from them until 2c66ca3949dc ("x86/fpu: Set X86_FEATURE_OSXSAVE
 * feature after enabling OSXSAVE in CR4"). Nothing but that bit differs, in the kernel or in the CPU. What looks at it
 * before it uses AVX, as the modules of OpenZFS do when they are loaded, does without AVX; /proc/cpuinfo still shows it.
 */
#include <linux/bitops.h>
#include <linux/module.h>
#include <asm/processor.h>
#include <asm/cpufeature.h>

static bool seeded_had;

/* clear_cpu_cap() is not exported. */
static unsigned long *seeded_features(void)
{
	return (unsigned long *)boot_cpu_data.x86_capability;
}

static int __init seeded_init(void)
{
	seeded_had = boot_cpu_has(X86_FEATURE_OSXSAVE);
	clear_bit(X86_FEATURE_OSXSAVE, seeded_features());
	return 0;
}

static void __exit seeded_exit(void)
{
	if (seeded_had)
		set_bit(X86_FEATURE_OSXSAVE, seeded_features());
}

module_init(seeded_init);
module_exit(seeded_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Clears X86_FEATURE_OSXSAVE of the boot CPU, as commit b81fac906a8f did");
