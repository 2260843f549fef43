package console

// libraryFrames do what their caller told them: copy, allocate, lock, count, queue, tear down. The caller is the one to
// blame.
func libraryFrames() string {
	return memoryFrames() + lockFrames() + containerFrames() + deviceFrames() + cacheFrames()
}

// memoryFrames copy, format and allocate: lib/string.c, lib/vsprintf.c, lib/iov_iter.c, mm/slub.c, mm/page_alloc.c,
// mm/vmalloc.c.
func memoryFrames() string {
	return `
memcpy* memset* memmove* memcmp* memchr* memscan* memweight __memcpy* __memset* __memmove* ___memcpy *memdup*
strlen* strnlen* strcmp* strncmp* strcpy* strncpy* strlcpy* strscpy* strlcat* strcat* strncat* strchr*
strrchr* strstr* strnstr* strcase* strsep strspn strcspn strpbrk strim strreplace strtobool __strlen*
__strnlen* sized_strscpy *strdup* *strndup* kstrto* sysfs_streq *vsnprintf* *snprintf* *scnprintf* sprintf
vsprintf *kvasprintf* *kasprintf* string string_nocheck *_string number pointer *va_format* format_decode
sscanf vsscanf hex_dump_* print_hex_dump* copy_user* *copy_from_user* *copy_to_user* *copy_from_iter*
*copy_to_iter* copy_page_* copy_folio_* *copy_page_to_iter* *copy_page_from_iter* copyin copyout raw_copy*
extract_user_to_sg extract_iter_to_sg iov_iter_* rep_* *get_user* *put_user* strncpy_from_user *clear_user*
csum_partial* __arch_copy* csum_and_* do_csum crc* __phys_addr* read_word_at_a_time

*kmalloc* *kzalloc* *kcalloc* *kvmalloc* *krealloc* *kmem_cache* *vzalloc* vmalloc vmalloc_* __vmalloc* kfree
kvfree* kfree_sensitive kzfree __kfree kfree_const kfree_rcu* vfree __vfree __vunmap vunmap* free_vmap_area*
remove_vm_area *slab_* allocate_slab new_slab ___cache_free __cache_free* cache_alloc* ____cache_alloc*
__cache_alloc* cache_grow* cache_flusharray cache_free* free_block free_to_partial* build_detached_freelist
drain_freelist drain_array* *alloc_page* *alloc_frozen_pages* __get_free_page* get_free_page* get_zeroed_page
get_page_from_freelist *free_pages* *free_page rmqueue* prep_new_page post_alloc_hook free_unref_page*
__put_page* __folio_put* folio_put put_page *alloc_percpu* free_percpu pcpu_* percpu_alloc* prep_compound_page
mempool_* kmap* kunmap* *folio_alloc*
`
}

// lockFrames lock and count: kernel/locking, include/linux/{atomic,refcount,kref,bitops}.h, kernel/softirq.c.
func lockFrames() string {
	return `
_raw_* __raw_* *raw_spin_* *spin_lock* *spin_unlock* *spin_trylock* *read_lock* *read_trylock* *read_unlock*
*write_lock* *write_trylock* *write_unlock* *queued_spin_* queued_* *queued_read* *queued_write* pv_wait*
kvm_kick* osq_* *_rq_lock* owner_on_cpu mutex_* __mutex_* ww_mutex_* __ww_* rt_mutex_* __rt_mutex_* rtlock_*
down down_* up up_* __down __down_* __up __up_* rwsem_* call_rwsem_* percpu_down_* percpu_up_* __percpu_*
percpu_rwsem_* ldsem_* __ldsem_* seqcount_* *seqprop_* read_seq* write_seq* lock_sock_nested lock_sock_fast
__lock_sock *bh_enable* *bh_disable* local_irq_* arch_local_* native_save_fl native_restore_fl arch_spin_*
arch_read_* arch_write_* arch_irqs* preempt_schedule* hlist_bl_lock* *srcu_read_* rcu_lock_* rcu_dynticks*
rcu_is_watching debug_lockdep* rcu_note_* cleanup_srcu_struct* refcount_* __refcount_* kref_* *atomic_*
*atomic64_* instrument_* percpu_ref_* __percpu_ref* ref_tracker_* *set_bit* *clear_bit* *change_bit*
*test_bit* *test_and_* constant_test_bit variable_ffs __ffs ffs fls __fls __read_once* __write_once*
*read_once* *write_once* schedule __schedule* schedule_timeout* schedule_hrtimeout* io_schedule*
wait_for_completion* __wait_for_common do_wait_for_common finish_wait prepare_to_wait* add_wait_queue*
__wake_up* wake_up_all* autoremove_wake_function default_wake_function complete complete_all swake_up*
kill_fasync* send_sigio*
`
}

// containerFrames keep lists, trees, timers and work items for others: lib/, kernel/time, kernel/workqueue.c,
// kernel/kthread.c.
func containerFrames() string {
	return `
list_add* list_del* list_move* list_replace* list_splice* list_empty* list_is_* __list_add* __list_del*
__list_splice* hlist_* __hlist_* llist_* klist_* rb_* __rb_* idr_* ida_* radix_tree_insert*
radix_tree_delete* radix_tree_lookup* radix_tree_next* __radix_tree_* xa_* __xa_* xas_* bitmap_* __bitmap_*
find_next_* find_first_* find_last_* _find_* rhashtable_lookup* rht_* *del_timer* timer_delete*
__timer_delete* add_timer* mod_timer* __mod_timer timer_is_static_object work_is_static_object lock_timer_base
try_to_del_timer* detach_if_pending detach_timer* try_to_grab_pending timer_shutdown* sk_stop_timer*
hrtimer_cancel hrtimer_try_to_cancel hrtimer_start* hrtimer_init* __hrtimer_init* init_timer_key timer_fixup*
*flush_work* flush_delayed_work start_flush_work *queue_work* *queue_delayed_work* mod_delayed_work*
cancel_work_sync cancel_delayed_work* __cancel_work* destroy_workqueue drain_workqueue insert_work
touch_work_lockdep_map touch_wq_lockdep_map kthread_stop* kthread_park kthread_unpark kthread_queue_work
kthread_cancel* kthread_data
`
}

// deviceFrames register and unregister for drivers, and print: drivers/base, lib/kobject.c, fs/sysfs, drivers/usb/core,
// kernel/printk.
func deviceFrames() string {
	return `
kobject_* kset_* kobj_* add_uevent_var get_device_parent cleanup_glue_dir* sysfs_remove* sysfs_create*
sysfs_add* sysfs_do_create* sysfs_warn_dup internal_create_group* device_add device_del device_register
device_unregister device_destroy device_create* device_initialize device_release devres_* put_device
get_device device_remove_file* device_remove_attrs device_remove_class* device_for_each_child* bus_for_each_*
dpm_sysfs* device_pm_* cdev_device_* driver_unregister driver_register bus_add_device i2c_del_adapter
__unregister_client hwrng_unregister tty_unregister_device usb_kill_urb usb_kill_anchored* usb_poison_urb
usb_unlink_urb usb_start_wait_urb usb_control_msg* usb_bulk_msg usb_interrupt_msg usb_internal_control_msg
usb_hcd_unlink_urb usb_hcd_submit_urb usb_free_urb usb_submit_urb dummy_urb_enqueue rollback_registered*
*unregister_netdev* call_netdevice_notifiers* raw_notifier_call_chain* notifier_call_chain blocking_notifier_*
__blocking_notifier* kfree_skb* __kfree_skb skb_release_* sk_skb_reason_drop printk _printk vprintk* _dev_*
dev_printk* __dev_printk dev_vprintk* *netdev_printk* printk_safe* console_unlock console_trylock*
__down_trylock_console* *ratelimit* print_tainted get_taint* __const_udelay __delay delay_tsc udelay* ndelay
__udelay cpu_relax inb inw inl outb outw outl logic_in* logic_out* ioread* iowrite* readb readw readl readq
writeb writew writel writeq native_irq* native_read_msr native_write_msr native_safe* sched_clock* ktime_get_*
*indirect_thunk* __x86_return_thunk retpoline* assertfail* skb_panic skb_over_panic skb_under_panic skb_put
skb_push skb_pull *fortify_* kernel_fpu_* __sk_mem_* sk_mem_*
`
}

// cacheFrames look up and release what the page, inode and dentry caches hold for a file system.
func cacheFrames() string {
	return `
iput iput_final ihold dput fast_dput dentry_kill __dentry_kill retain_dentry drop_nlink inc_nlink
mark_buffer_dirty* __mark_inode_dirty __bread* __getblk* __brelse brelse __find_get_block* folio_unlock
unlock_page lock_page folio_mark_* folio_end_* set_page_dirty* end_page_writeback* *filemap_get_folio*
find_or_create_page pagecache_get_page do_read_cache_* read_cache_page* read_cache_folio_*
grab_cache_page* simple_copy_to_iter
`
}

// classFrames are messengers for one class of failure only.
func classFrames() map[string]string {
	return map[string]string{
		"memory-leak":         "*alloc* *kmem* *slab* mmap* create_object list_lru_init* *dup_*",
		"odebug":              "*timer_* *work_* *debug_* *percpu_* *rcu* __free_* kfree* *free_bulk*",
		"refcount":            "*device_get* *device_put*",
		"preemptible":         "*preempt*",
		"KASAN":               "find_lock_entries truncate_inode_pages_range",
		"KASAN: invalid-free": "*slab_* *kfree* vunmap* vfree*",
		"suspicious-rcu":      "*rcu*",
		"non-static-key":      "*_lock* *lock_* *IRQ* *stack*",
	}
}
