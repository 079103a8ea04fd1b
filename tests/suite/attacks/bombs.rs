//! Taking all there is: processes, memory, output, disk, descriptors, time.

use crate::{attacks::attacks, support::Outcome};

fn keeps_the_first_of_its_output(outcome: &Outcome) {
    let kept = format!("{}{}", outcome.output(), outcome.error());
    let first = ["stdout ", "stderr ", "both ", "flood ", "child ", "xxxx"];
    assert!(first.iter().any(|word| kept.starts_with(word)), "{}", &kept[..kept.len().min(200)]);
    assert!(outcome.bytes("output") + outcome.bytes("error") >= 8 << 20, "{}", outcome.0["bytes"]);
}

fn a_million_dots(outcome: &Outcome) {
    assert_eq!(outcome.bytes("output"), 1_000_000);
    assert!(outcome.truncated("output") && outcome.output().bytes().all(|byte| byte == b'.'));
}

fn says_which_limit(outcome: &Outcome) {
    assert_eq!(outcome.limit_name(), Some("memory"), "{}", outcome.0);
}

fn ends_long_before_its_time(outcome: &Outcome) {
    assert!(outcome.wall_ms() < 5000.0, "{}", outcome.0);
}

attacks! { "bombs":
    a_fork_bomb_is_stopped_and_the_next_run_is_clean => "forks.py".timeout(2.0).ends(&["time_limit"]);
    a_fork_bomb_that_keeps_changing_its_pid_is_stopped => "fork_and_leave.py".timeout(2.0)
        .ends(&["time_limit", "completed"]);
    interpreters_that_start_interpreters_are_stopped => "spawn.js".timeout(3.0)
        .ends(&["time_limit", "memory_limit", "nonzero_exit", "signal"]);
    threads_are_bounded => "threads.py".says("can't start new thread\nfewer than 64\n");
    worker_threads_are_bounded => "workers.js".timeout(3.0)
        .ends(&["time_limit", "memory_limit", "nonzero_exit", "signal"]);
    processes_nobody_waits_for_are_bounded => "zombies.py".says("fewer than 64\n");
    children_deaf_to_every_signal_do_not_outlive_the_run => "deaf_children.py".says("left twenty behind\n")
        .and(ends_long_before_its_time);
    memory_by_bytearrays_is_bounded => "bytearray.py".ends(&["memory_limit"]).and(says_which_limit);
    memory_by_mmap_is_bounded => "mmap.py".ends(&["memory_limit"]).and(says_which_limit);
    memory_of_many_children_is_bounded => "memory_of_children.py".timeout(3.0)
        .ends(&["memory_limit", "time_limit", "completed"]);
    the_heap_of_node_is_bounded => "heap.js".ends(&["memory_limit", "signal"]);
    buffers_outside_of_nodes_heap_are_bounded => "buffers.js".ends(&["memory_limit"]).and(says_which_limit);
    pipe_and_socket_buffers_are_bounded => "pipes.py".ends(&["completed", "memory_limit"]);
    a_child_killed_for_memory_does_not_make_the_parents_good_end_bad => "child_over_memory.py"
        .says("the child got SIGKILL\n").code(0);
    a_flood_on_stdout_is_ended_and_its_beginning_kept => "flood_stdout.py".ends(&["output_limit"])
        .and(keeps_the_first_of_its_output);
    a_flood_on_stderr_is_ended_and_its_beginning_kept => "flood_stderr.py".ends(&["output_limit"])
        .and(keeps_the_first_of_its_output);
    a_flood_on_both_streams_is_ended_and_its_beginning_kept => "flood_both.py".ends(&["output_limit"])
        .and(keeps_the_first_of_its_output);
    a_flood_from_javascript_is_ended_and_its_beginning_kept => "flood.js".ends(&["output_limit"])
        .and(keeps_the_first_of_its_output);
    a_flood_from_thirty_processes_ends_with_the_program => "flood_of_children.py"
        .ends(&["output_limit", "completed"]).and(ends_long_before_its_time);
    a_million_writes_of_one_byte_are_all_counted => "one_byte_writes.py".and(a_million_dots);
    one_line_of_ten_megabytes_is_ended => "one_long_line.py".ends(&["output_limit"])
        .and(keeps_the_first_of_its_output);
    two_hundred_thousand_empty_lines_are_taken => "empty_lines.py";
    no_disk_space_can_be_taken_anywhere => "disk.py"
        .gets_only(&["EROFS", "EACCES", "EPERM", "ENOTSUP", "ENOENT"]);
    the_scratch_space_is_bounded => "scratch.py".says("a terabyte in a sparse file: DONE\na block of 16 MiB beside it: DONE\n\
        another one: ENOSPC\nwhat is left: ENOSPC\nfolders in folders: ENOSPC\na million names: ENOSPC\n0\n");
    files_in_memory_cannot_be_had => "memory_files.py".gets_only(&["EPERM", "ENOSYS", "EACCES", "ENOENT"]);
    descriptors_are_bounded => "descriptors.py".says("EMFILE before 1024\n");
    sockets_are_bounded => "sockets.py".says("stopped: Too many open files\n");
    deep_recursion_is_an_ordinary_error => "recursion.py".ends(&["nonzero_exit"]).code(1);
    recursion_without_a_limit_ends_only_itself => "recursion_unlimited.py"
        .ends(&["signal", "memory_limit", "nonzero_exit", "time_limit"]);
    deep_recursion_in_javascript_is_an_ordinary_error => "recursion.js".ends(&["nonzero_exit"]).code(1);
    a_pattern_that_never_ends_is_stopped => "backtracking.js".timeout(1.0).ends(&["time_limit"]);
    sleeping_for_a_day_is_stopped => "sleep.py".timeout(1.0).ends(&["time_limit"]);
    a_blocked_event_loop_is_stopped => "sleep.js".timeout(1.0).ends(&["time_limit"]);
    a_busy_loop_is_stopped => "busy.py".timeout(1.0).ends(&["time_limit"]);
    a_busy_loop_in_javascript_is_stopped => "busy.js".timeout(1.0).ends(&["time_limit"]);
    microtasks_without_end_are_stopped => "microtasks.js".timeout(1.0)
        .ends(&["time_limit", "memory_limit", "signal"]);
    sixty_busy_processes_are_stopped => "threads_of_cpu.py".timeout(2.0).ends(&["time_limit"]);
    a_call_that_holds_the_interpreters_lock_is_stopped => "big_number.py".timeout(1.0)
        .ends(&["time_limit", "memory_limit"]);
    a_storm_of_signals_is_stopped => "timers_and_signals.py".timeout(1.0).ends(&["time_limit"]);
}
