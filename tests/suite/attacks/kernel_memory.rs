//! Memory of the host's kernel that no limit of the sandbox counts. Each is measured on the host: what its kernel holds
//! while the program runs may not be 16 MiB more than the sandbox is charged.

use crate::attacks::attacks;

/// A program may go on, with less than it wanted, or be ended for it.
const ENDS: &[&str] = &["completed", "memory_limit", "time_limit"];

attacks! { "kernel_memory":
    locks_on_parts_of_files_cost_the_host_nothing => "file_locks.py".measured().ends(ENDS);
    locks_and_counters_by_descriptor_stay_small => "whole_file_locks.py".measured().ends(ENDS);
    programs_for_the_kernel_are_not_taken => "socket_filters.py".measured().ends(ENDS);
    datagrams_that_nobody_reads_are_bounded => "datagrams.py".measured().ends(ENDS);
    streams_that_nobody_reads_are_bounded => "streams.py".measured().ends(ENDS);
    connections_that_nobody_accepts_are_bounded => "unaccepted.py".measured().ends(ENDS);
    pseudo_terminals_are_few => "terminals.py".measured().ends(ENDS);
    groups_of_receivers_cannot_be_joined => "groups.py".measured().ends(ENDS);
    timers_are_few => "posix_timers.py".measured().ends(ENDS);
}
