#!/usr/bin/env bash
# The tests of what programs get, and of what attacks get, with every program on gVisor: run by own-engine.sh --gvisor.
# Left out, and why, is below; what it comes to is in docs/ARCHITECTURE.md.
set -euo pipefail
cd "$(dirname "$0")/../.."

modules=(
  contract:: outcomes:: limits:: output:: run:: files_and_archives:: history:: concurrency:: writing:: scratch:: workspace:: system_calls::
  attacks:: compiling::
)
other=(
  # Refused by another errno than docs/SECURITY_NOTES.md has: gVisor's profile knows but EPERM, its network EHOSTUNREACH.
  files_in_memory_cannot no_disk_space_can init_cannot_be_traced no_call_reaches_the_corners unknown_calls_do_not
  nothing_can_be_written_and_executed control_groups_cannot fetch_reaches_nothing no_address_can
  nothing_can_be_left_in_any_store calls_of_32_bits
  # Its own kernel's /proc, /dev and interfaces, that lead nowhere: /proc/1/maps and environ, /proc/cmdline, /dev/fuse,
  # /dev/net/tun, nice -20, uid_map, oom_score_adj; /proc/self/status and mounts with fewer words.
  init_has_no_files masked_files_tell no_environment_tells what_a_compiler_may_not_read only_the_expected_is_mounted the_network_cannot_be_changed
  # A device's number tells no sandbox from another, and prctl, limits and locks are that kernel's own affair.
  what_can_be_read_of_the_kernel nothing_that_two_sandboxes_share calls_are_refused_by_their no_core_dump_can
  no_file_in_proc_can no_device_is_there no_knob_of_the_kernel nobody_becomes_root setuid_programs_give no_path_at_all_can_be_written
  # Modes and times are not changed, and a refused write says EACCES: that kernel asks sandbox-init nothing.
  a_program_cannot_give_itself temporary_files_are_files nodes_temporary_files the_programs_own_file the_scratch_space_is_bounded
  files_come_back_with_their_types one_stock_of_waiting without_it_nothing_changes one_compilation_serves_thirty
  # It takes a program's own filter (and so does the program's end, by it): it is that kernel's memory that the filter takes.
  programs_for_the_kernel_are_not
  # It shows no cgroup; and what is read from files counts as memory.
  the_program_has_its_own_limits the_heap_is_three_quarters
  # That kernel does not count the files of a file system: only bytes end a run as disk_limit.
  more_than_the_folder_holds a_million_names_end
  # Memory is bounded for all processes together, before their number is: memory_limit, and never a child alone.
  a_fork_bomb_is_stopped a_child_killed_for_memory an_exit_code_of_137 sixty_busy_processes_are_stopped
  # Not done in their ten seconds: system calls and forks take longer.
  a_million_writes two_hundred_thousand_empty_lines processes_nobody_waits_for a_crowd_of_orphans threads_are_bounded
)
skip=()
for name in "${other[@]}"; do skip+=(--skip "$name"); done
SCE_TEST_RUNTIME=runsc exec cargo test --locked --test suite -- "${modules[@]}" "${skip[@]}"
