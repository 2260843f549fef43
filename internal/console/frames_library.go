package console

// libraryFrames do what their caller told them: copy, allocate, lock, count, queue, tear down. The caller is the one to
// blame. What has a life of its own does not belong here, though callers can break it too: a page or slab allocator
// that dies in its free lists dies of damage that nobody on its stack did, and its caller would be a random victim.
//
// The lists were held against the skip patterns of syzkaller's pkg/report/linux.go over all symbols of a distribution
// kernel, which is also where the names that differ between versions come from.
func libraryFrames() string {
	return memoryFrames() + lockFrames() + containerFrames() + deviceFrames() + cacheFrames()
}

// memoryFrames copy, format and allocate: lib/string.c, lib/vsprintf.c, lib/iov_iter.c, mm/slub.c, mm/page_alloc.c,
// mm/vmalloc.c.
func memoryFrames() string {
	return `
*memcpy* *memset* *memmove* *memcmp* *memchr* memscan* memweight *memdup*
*strlen* *strnlen* *strcmp* *strncmp* *strcpy* *strncpy* *strlcpy* *strscpy* strlcat* strcat* strncat* *strchr*
strrchr* *strstr* *strnstr* strcase* strsep strspn strcspn strpbrk strim strreplace strtobool
*strdup* *strndup* kstrto* sysfs_streq *snprintf* *scnprintf* sprintf
vsprintf *kvasprintf* *kasprintf* string string_nocheck *_string number pointer *_pointer *va_format* format_decode
sscanf vsscanf *hex_dump_* *print_hex_dump* copy_user* *copy_from_user* *copy_to_user* *copy_from_iter*
*copy_to_iter* *copy_page_to_iter* *copy_page_from_iter* copy_folio_to_iter* copyin copyout raw_copy*
extract_user_to_sg extract_iter_to_sg rep_movs* rep_stos* *get_user* *put_user* strncpy_from_user clear_user
clear_user_* __clear_user csum_partial* __arch_copy* csum_and_* do_csum crc* __phys_addr* read_word_at_a_time

*malloc* *zalloc* *kcalloc* *vcalloc* *krealloc* *kmem_cache* kfree kvfree kfree_sensitive kzfree __kfree kfree_const
vfree __vfree __vunmap vunmap *slab_* slab allocate_slab *alloc_page* *alloc_frozen_pages* __get_free_page*
get_zeroed_page *folio_alloc* filemap_alloc_folio*
`
}

// lockFrames lock and count: kernel/locking, include/linux/{atomic,refcount,kref,bitops}.h, kernel/softirq.c.
func lockFrames() string {
	return `
_raw_* __raw_spin* __raw_read* __raw_write* *raw_spin_* *spin_lock* *spin_unlock* *spin_trylock* *read_lock*
*read_trylock* *read_unlock* *write_lock* *write_trylock* *write_unlock* *queued_spin_* queued_read* queued_write*
pv_wait* kvm_kick* osq_* *_rq_lock* owner_on_cpu mutex_* __mutex_* ww_mutex_* __ww_* rt_mutex_* __rt_mutex_* rtlock_*
down down_* *down_read* *down_write* up *up_read* *up_write* __down __down_* __up rwsem_* call_rwsem_* percpu_down_*
percpu_up_* percpu_rwsem_* ldsem_* __ldsem_* seqcount_* *seqprop_* read_seq* write_seq* lock_sock_nested
lock_sock_fast __lock_sock *bh_enable* *bh_disable* local_irq_* arch_local_* native_save_fl native_restore_fl
arch_spin_* arch_read_* arch_write_* preempt_schedule* hlist_bl_lock* *srcu_read_* rcu_lock_* rcu_dynticks*
rcu_is_watching rcu_note_* cleanup_srcu_struct* refcount_* __refcount_* kref_* atomic_* atomic64_* arch_atomic*
raw_atomic* __atomic_* *atomic_dec* *atomic_inc* *atomic_read* *atomic_set* *atomic_sub* *atomic_fetch* *atomic64_*
instrument_* *ref_tracker_* *set_bit* *clear_bit* *change_bit* *test_bit* constant_test_bit variable_ffs __ffs ffs
fls __fls __read_once* __write_once* *read_once_* *write_once_* schedule __schedule* schedule_timeout*
schedule_hrtimeout* io_schedule* wait_for_completion* __wait_for_common do_wait_for_common finish_wait *__wake_up*
complete complete_all
`
}

// containerFrames keep lists, trees, timers and work items for others: lib/, kernel/time, kernel/workqueue.c,
// kernel/kthread.c.
func containerFrames() string {
	return `
*list_add* *list_del* *list_move* *list_replace* *list_splice* list_empty* list_is_* klist_* rb_* __rb_* ida_free
ida_destroy xas_start xas_load xas_find* find_next_bit find_next_zero_bit find_first_bit find_first_zero_bit
find_last_bit _find_next_* _find_first_* _find_last_* *rhashtable_lookup* *del_timer* timer_delete* __timer_delete*
add_timer* *mod_timer* timer_is_static_object work_is_static_object lock_timer_base try_to_del_timer*
detach_if_pending try_to_grab_pending timer_shutdown* sk_stop_timer* hrtimer_cancel hrtimer_try_to_cancel
hrtimer_start* init_timer_key *flush_work* flush_delayed_work start_flush_work *queue_work* *queue_delayed_work*
mod_delayed_work* cancel_work_sync cancel_delayed_work* __cancel_work* *destroy_workqueue *drain_workqueue
insert_work touch_work_lockdep_map touch_wq_lockdep_map *kthread_stop*
`
}

// deviceFrames register and unregister for drivers, and print: drivers/base, lib/kobject.c, fs/sysfs, drivers/usb/core,
// kernel/printk.
func deviceFrames() string {
	return `
*kobject_* add_uevent_var get_device_parent cleanup_glue_dir* *sysfs_remove* *device_add* *device_del
*device_unregister* device_destroy device_release* device_initialize device_register device_create* devres_release*
put_device get_device *device_remove_file* *device_for_each_child* *i2c_del_adapter *__unregister_client
*hwrng_unregister *tty_unregister_device usb_kill_urb usb_kill_anchored* usb_start_wait_urb usb_control_msg*
usb_bulk_msg usb_interrupt_msg usb_internal_control_msg usb_hcd_submit_urb usb_submit_urb dummy_urb_enqueue
*rollback_registered* *unregister_netdev* *kfree_skb* sk_skb_reason_drop *printk* *dev_info *dev_notice *dev_warn
*dev_err *dev_alert *dev_crit *dev_emerg console_unlock console_trylock* __down_trylock_console* ___ratelimit
__ratelimit print_tainted get_taint* __const_udelay __delay delay_tsc udelay* ndelay __udelay cpu_relax inb inw inl
outb outw outl logic_in* logic_out* ioread8* ioread16* ioread32* ioread64* iowrite8* iowrite16* iowrite32* iowrite64*
readb readw readl readq writeb writew writel writeq native_read_msr native_write_msr sched_clock* ktime_get_*
*_indirect_thunk_* __x86_return_thunk assertfail *_assertfail* *fortify_* kernel_fpu_*
`
}

// cacheFrames look up and release what the page, inode and dentry caches hold for a file system.
func cacheFrames() string {
	return `
iput iput_final ihold *dput drop_nlink mark_buffer_dirty* folio_unlock unlock_page lock_page __lock_page*
__filemap_get_folio* find_or_create_page pagecache_get_page do_read_cache_* read_cache_page*
grab_cache_page_write_begin
`
}

// classFrames are messengers for one class of failure only.
func classFrames() map[string]string {
	const entries = "find_lock_entries truncate_inode_pages_range" // trip over other people's folios
	return map[string]string{
		"memory-leak": "*alloc* *kmem* *slab* *mmap* create_object list_lru_init* *dup_* *idr_get* *pcpu_create*",
		"odebug": "*timer_* *work_* *debug_* *percpu_* *rcu* *__free_* *vunmap* *vfree* kfree* *free_bulk* " +
			"*kobject_*",
		"atomic-sleep":        "msleep* __msleep usleep_range* fsleep*",
		"refcount":            "*refcount* *device_get* *device_put*",
		"usercopy":            "*usercopy* *__check*",
		"proc":                "*proc_*",
		"preemptible":         "*preempt* *debug_* *processor_id* *this_cpu*",
		"KASAN: invalid-free": "*slab_* *kfree* *vunmap* *vfree*",
		"KMSAN": "*alloc_skb* netlink_ack* netlink_rcv_skb crypto_* cipher_* drbg_* rng_* aes_encrypt " +
			"*_encrypt",
		"KMSAN: kernel-usb-infoleak": "usb_*",
		"KASAN":                      entries,
		"gpf":                        entries,
		"page-fault":                 entries,
		"null-deref":                 entries,
		"WARN":                       entries,
		"UBSAN":                      "*ubsan* *overflow*",
		"BUG":                        "skb_*",
		"spinlock":                   "*spin_* *_lock* *_unlock*",
		"suspicious-rcu":             "*rcu* *kmem* *slab*",
		"non-static-key":             "*lock* *IRQ* *stack*",
		"bad-page": "*free_page* *put_page* *get_page* *update_page* *release_page* *free_unref* folio* _folio* " +
			"__folio* truncate_inode_pages* page_frag_free* *alloc* *vmap* *page_owner* free_pages* __free_pages*",
	}
}
