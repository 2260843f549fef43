package console

// waitFrames wait for somebody else. A hung task's function is the first that does something else.
func waitFrames() string {
	return `
*sched* *wait* *_lock* *_slowlock* *rwsem* *completion* *synchronize_* *rcu_barrier* *mutex* preempt_schedule*
context_switch __switch_to* io_schedule* console_lock __cond_resched* _cond_resched __sched_text_start
do_read_cache_* lock_page* exp_funnel_lock rcu_exp_* sync_rcu_exp* flush_work __flush_work* flush_workqueue
__flush_workqueue drain_workqueue flush_delayed_work flush_rcu_work cancel_work_sync cancel_delayed_work_sync
__cancel_work* start_flush_work flush_all_backlogs kthread_stop kthread_flush_* __rtnl_* lock_sock* freezer_*
__refrigerator refrigerator usleep_range* msleep* __msleep hrtimer_nanosleep do_nanosleep srcu_* __call_srcu
lock_mount* lock_two_nondirectories lock_rename*
`
}

// crossCPUFrames wait for another CPU: the loop is theirs.
func crossCPUFrames() string {
	return `
smp_call_function*
`
}

// entryFrames are how an interrupt comes in: what lies below them was interrupted.
func entryFrames() string {
	return `
apic_timer_interrupt smp_apic_timer_interrupt* trace_apic_timer* smp_trace_apic* asm_sysvec_* sysvec_*
__sysvec_* reschedule_interrupt call_function_interrupt call_function_single_interrupt common_interrupt
__common_interrupt asm_common_interrupt ret_from_intr nmi end_repeat_nmi asm_exc_nmi exc_nmi irq_work_interrupt reboot_interrupt
el1_irq el1h_64_irq el1h_64_irq_handler el1_interrupt el1t_64_irq __irq_svc timer_interrupt
xen_hvm_callback_vector asm_call_irq_on_stack handle_irq_event
`
}

// detectorFrames notice a stall.
func detectorFrames() string {
	return `
rcu_sched_clock_irq rcu_check_callbacks rcu_dump_cpu_stacks* check_cpu_stall* print_cpu_stall*
print_other_cpu_stall* nmi_cpu_backtrace* nmi_handle do_nmi default_do_nmi update_process_times tick_sched_*
tick_nohz_* tick_handle_periodic tick_periodic watchdog_timer_fn watchdog_overflow_callback
perf_event_overflow __perf_event_overflow
`
}

// watcherFrames are what runs above an interrupt entry.
func watcherFrames() string {
	return `
smp_reschedule* smp_call_function_interrupt smp_call_function_single_interrupt hrtimer_interrupt
__hrtimer_run_queues tick_* update_process_times rcu_* nmi_* do_nmi irq_exit* exiting_irq __run_hrtimer
local_apic_timer_interrupt irq_enter* handle_irq* __handle_irq* generic_handle* do_IRQ
__irq_exit* handle_edge_irq handle_fasteoi_irq handle_level_irq
`
}

// dispatcherFrames call a handler through a pointer; the handler tells what the CPU was doing.
func dispatcherFrames() string {
	return `
do_syscall_* do_fast_syscall* __do_fast_syscall* do_int80* x64_sys_call ia32_sys_call invoke_syscall* el0_svc*
do_el0_svc* entry_SYSCALL* entry_SYSENTER* entry_INT80* system_call* sysenter_* sysenter_dispatch tracesys*
ret_fast_syscall ret_from_fork* kthread kernel_thread_helper worker_thread process_one_work
process_scheduled_works smpboot_thread_fn call_timer_fn expire_timers __run_timers run_timer_softirq
__run_timer_base __hrtimer_run_queues __run_hrtimer __do_softirq handle_softirqs do_softirq* __tasklet_action*
tasklet_action* tasklet_hi_action napi_poll __napi_poll net_rx_action process_backlog __netif_receive_skb*
netif_receive_skb* rcu_do_batch rcu_process_callbacks rcu_core irq_work_run* irq_work_single vfs_ioctl
do_vfs_ioctl ksys_ioctl __*_ioctl __se_sys_ioctl __do_sys_ioctl __x64_sys_ioctl __ia32_sys_ioctl
__ia32_compat_sys_ioctl __arm64_sys_ioctl SyS_ioctl SYSC_ioctl sys_ioctl compat_SyS_ioctl
__do_compat_sys_ioctl __se_compat_sys_ioctl compat_sys_ioctl sock_sendmsg sock_sendmsg_nosec __sock_sendmsg
__sock_sendmsg_nosec sock_recvmsg sock_recvmsg_nosec __sock_recvmsg* vfs_read vfs_write __vfs_read __vfs_write
new_sync_read new_sync_write call_read_iter call_write_iter do_iter_readv_writev do_iter_read do_iter_write
do_loop_readv_writev vfs_readv vfs_writev vfs_iter_read vfs_iter_write kernel_read kernel_write
rtnetlink_rcv_msg genl_rcv_msg genl_family_rcv_msg* nfnetlink_rcv_msg nfnetlink_rcv_batch xfrm_user_rcv_msg
sock_do_ioctl ops_init __sys_setsockopt __sys_getsockopt do_sock_setsockopt do_sock_getsockopt
sock_common_setsockopt sock_common_getsockopt task_work_run vfs_fsync_range vfs_fallocate do_mmap mmap_region
call_mmap vfs_get_tree legacy_get_tree mount_fs do_iter_readv do_splice_from do_splice_to vfs_open
do_dentry_open __do_fault do_page_fault __do_page_fault __fput ____fput exit_to_usermode*
exit_to_user_mode* __sock_release sock_release sock_close sk_common_release sock_mmap netlink_dump
__sys_connect* __sys_listen* __sys_accept* do_accept kernel_accept kernel_listen kernel_setsockopt
__sys_socketpair sock_ioctl compat_sock_ioctl blkdev_ioctl compat_blkdev_ioctl blkdev_driver_ioctl
start_secondary cpu_startup_entry run_ksoftirqd
`
}

// faultFrames dispatch a page fault: one of user space, unless a system call lies below whose access to user memory
// it was.
func faultFrames() string {
	return `
exc_page_fault
`
}

// idleFrames belong to CPUs and threads that a stall's report shows but that have no part in it.
func idleFrames() string {
	return `
default_idle* cpuidle_* native_safe_halt arch_cpu_idle do_idle cpu_idle_loop mwait_idle* acpi_idle*
acpi_safe_halt pv_native_safe_halt intel_idle* rcu_gp_kthread rcu_gp_fqs* watchdog khungtaskd rcu_nocb*
`
}
