package console

// plumbingFrames report a failure, or carry control to where it is reported. None can be guilty.
func plumbingFrames() string {
	return entryPlumbing() + sanitizerPlumbing() + lockPlumbing() + checkPlumbing() + stallPlumbing()
}

// entryPlumbing is how exceptions and system calls come in, and what panics: arch/*/kernel, kernel/entry,
// kernel/panic.c.
func entryPlumbing() string {
	return `
dump_stack* __dump_stack show_stack* show_regs* show_trace_log_lvl sched_show_task dump_backtrace* dump_cpu_task
__show_regs _sched_show_task do_tag_check* tag_check* *panic* rust_helper_* *rust_begin_unwind*
*9panicking* __warn* warn_slowpath* report_bug* fixup_bug* handle_bug* __report_bug do_error_trap
*invalid_op exc_* asm_exc_* error_entry error_exit general_protection do_general_protection page_fault
async_page_fault do_async_page_fault do_page_fault __do_page_fault do_trap* do_divide_error divide_error do_int3 int3
do_double_fault double_fault df_debug die die_addr __die __die_body oops_end oops_begin no_context __no_context
bad_area* __bad_area* page_fault_oops kernelmode_fixup_or_oops do_kern_addr_fault do_user_addr_fault
handle_page_fault search_*exception* pgtable_bad do_translation_fault do_kernel_fault do_mem_abort do_sp_pc_abort
do_alignment_fault do_bad_area __do_kernel_fault die_kernel_fault el0_* el1_* el1h_* el0t_* el1t_* el1* el0* vectors
do_undefinstr bug_handler brk_handler do_debug_exception ret_fast_syscall __dabt_svc __dabt_usr __irq_svc __irq_usr
__pabt_svc do_DataAbort do_PrefetchAbort call_on_irq_stack do_interrupt_handler program_check_*
asm_common_interrupt asm_sysvec_* sysvec_* __sysvec_* common_interrupt instr_sysvec_* idtentry* common_exception
call_trace asm_call_on_stack asm_call_irq_on_stack ret_from_fork* ret_from_exception ret_from_intr retint_*
ret_to_user entry_* syscall_enter* syscall_exit* syscall_return* syscall_trace* do_syscall_* do_fast_syscall*
__do_fast_syscall* do_int80* do_SYSENTER* sysenter_* system_call* tracesys* int_ret_from_sys_call work_notifysig
x64_sys_call ia32_sys_call invoke_syscall* irqentry_* ftrace_call ftrace_caller ftrace_regs_call* ftrace_stub
ftrace_graph_caller ftrace_ops_list_func* function_trace_call __fentry__ mcount notify_die atomic_notifier_call_chain
`
}

// sanitizerPlumbing is mm/kasan, mm/kmsan, mm/kfence, mm/kmemleak.c, lib/ubsan.c, kernel/kcsan, kernel/kcov.c and what
// the compiler has them called by.
func sanitizerPlumbing() string {
	return `
*kasan* *hwasan* __asan_* print_address_description* print_report* describe_object* describe_address*
check_memory_region* end_report start_report print_error_description *kmsan_* __msan_* kfence_* __kfence_* kcsan_*
__kcsan_* __tsan_* ubsan_* __ubsan_* *__sanitizer* stack_trace_save* stack_trace_consume* arch_stack_walk walk_stack*
kmemleak_* create_object memcg_kmem_* get_report*
`
}

// lockPlumbing is kernel/locking/lockdep.c and the tracepoints that hang on it.
func lockPlumbing() string {
	return `
*lock_acquire* *lock_release* lock_acquired *lockdep_* print_*bug* print_circular* print_deadlock* print_usage*
print_lock* print_irq* print_unlock* print_freed* print_shared* check_prev_add check_prevs* check_irq_usage
check_deadlock check_noncircular* check_usage* check_path* check_*wards validate_chain* mark_lock* mark_held*
mark_usage *lock_class* assign_lock_key valid_state* lock_is_held* lock_set_* reacquire_held* debug_check_no_locks*
debug_show_* trace_hardirqs* trace_softirqs* trace_preempt* __trace_hardirqs* lock_downgrade lock_pin_lock
lock_unpin_lock lock_stat* perf_trace_* *imbalance_bug*
`
}

// checkPlumbing is the checks that a debug kernel makes: kernel/sched/core.c, lib/smp_processor_id.c,
// lib/debugobjects.c, mm/slub.c, mm/usercopy.c, mm/page_alloc.c, lib/list_debug.c, lib/fault-inject.c.
func checkPlumbing() string {
	return `
___might_sleep __might_sleep __might_resched might_fault __might_fault might_resched should_resched
__schedule_bug schedule_debug preempt_count_* check_preemption_disabled debug_smp_processor_id
__this_cpu_preempt_check debug_print_object debug_check_no_obj* *debug_object_* __debug_check_no_obj*
debug_spin* spin_bug spin_dump rwlock_bug debug_mutex* debug_rt_mutex* object_err slab_err slab_bug slab_fix
slab_pad_check check_object check_slab check_bytes_and_report check_free_objects free_consistency*
alloc_consistency* free_debug_processing alloc_debug_processing print_trailer* print_section report_cache*
usercopy_abort report_usercopy __check_object_size* __check_heap_object check_heap_object check_stack_object
check_bogus_address check_kernel_text_object bad_page bad_page_* free_pages_check* free_page_is_bad check_new_page*
free_tail_page* check_free_page* dump_page print_bad_pte __list_add_valid* __list_del_entry_valid* __stack_chk_fail
warn_alloc* warn_bogus_irq* warn_on_* __WARN* should_fail should_fail_ex should_failslab should_fail_alloc_page
should_fail_usercopy fail_dump show_mem dump_header stop_this_cpu
`
}

// stallPlumbing is how the detectors of stalls get at the trace: kernel/rcu/tree_stall.h, kernel/watchdog.c,
// lib/nmi_backtrace.c, the timer tick.
func stallPlumbing() string {
	return `
rcu_dump_cpu_stacks* rcu_check_callbacks rcu_sched_clock_irq rcu_pending check_cpu_stall print_cpu_stall
print_other_cpu_stall* rcu_print_* nmi_cpu_backtrace* nmi_trigger* arch_trigger* 
trigger_all_cpu_backtrace trigger_single_cpu_backtrace nmi_handle nmi_restore default_do_nmi do_nmi nmi
end_repeat_nmi perf_event_nmi_handler watchdog_overflow_callback watchdog_hardlockup* watchdog_timer_fn
watchdog_check* __perf_event_overflow perf_event_overflow intel_pmu_handle_irq update_process_times tick_sched_timer
tick_sched_handle* tick_sched_do_timer tick_handle_periodic tick_nohz_handler tick_nohz_highres_handler tick_periodic
tick_do_update* rcu_stall* synchronize_sched_expedited_wait rcu_exp_wait_wake nmi_raise* arch_irq_work_raise
`
}

// reporterFrames report what their caller found; frames above them are their own.
func reporterFrames() string {
	return `
dump_stack* panic vpanic __panic panic_saved_regs __warn __warn_printk warn_slowpath* report_bug*
__schedule_bug kasan_report* __kasan_report ___might_sleep __might_sleep __might_resched
lockdep_rcu_suspicious print_circular_bug* do_invalid_op invalid_op asm_exc_invalid_op kmsan_report
__msan_warning kcsan_report* ubsan_epilogue object_err bad_page fault_*
`
}
