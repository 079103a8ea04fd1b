//! Not to end, not when told, or to end so that the end is missed.

use crate::{attacks::attacks, support::Outcome};

fn at_once(outcome: &Outcome) {
    assert!(outcome.wall_ms() < 3000.0, "waited for whoever held stdout: {}", outcome.0);
}

fn nothing_late(outcome: &Outcome) {
    // The child begins to write 0.2 s before the deadline at the earliest, so some of it is in time: what
    // counts is that the answer came in time and that no handler ever ran.
    assert!(outcome.output().starts_with("in time\n"), "{}", outcome.0);
}

attacks! { "ending":
    a_program_deaf_to_every_signal_is_stopped => "ignore_signals.py".timeout(1.0).ends(&["time_limit"]);
    a_program_that_blocks_every_signal_is_stopped => "block_signals.py".timeout(1.0).ends(&["time_limit"]);
    a_javascript_program_that_handles_every_signal_is_stopped => "ignore_signals.js".timeout(1.0)
        .ends(&["time_limit"]);
    a_program_that_stops_itself_is_ended_at_its_time_limit => "stop_self.py".timeout(1.0)
        .ends(&["time_limit"]).says("stopping\n");
    a_group_that_stops_itself_is_ended_at_its_time_limit => "stop_group.py".timeout(1.0).ends(&["time_limit"]);
    stopping_every_process_does_not_stop_init => "stop_all.py".timeout(1.0).ends(&["time_limit"]);
    a_daemon_that_holds_stdout_does_not_delay_the_answer => "daemon_holds_stdout.py"
        .says("the program is done\n").and(at_once);
    a_daemon_that_goes_on_writing_does_not_delay_the_answer => "daemon_writes_on.py"
        .ends(&["nonzero_exit"]).code(7).and(at_once);
    closing_every_stream_does_not_end_the_run => "close_everything.py".ends(&["nonzero_exit"]).code(5)
        .says("last words\n");
    a_busy_loop_without_any_descriptor_is_stopped => "close_and_spin.py".timeout(1.0).ends(&["time_limit"]);
    losing_ones_own_stdout_is_an_error_of_the_program => "print_after_close.py".ends(&["nonzero_exit"])
        .code(1).says("written before\n");
    nothing_runs_on_past_the_deadline => "write_past_deadline.py".timeout(2.0)
        .ends(&["time_limit", "output_limit"]).and(nothing_late);
    an_endless_atexit_is_stopped => "endless_atexit.py".timeout(1.0).ends(&["time_limit"]).says("leaving\n");
    an_endless_exit_handler_is_stopped => "endless_exit_handler.js".timeout(1.0).ends(&["time_limit"])
        .says("leaving\n");
    a_program_that_revives_itself_for_ever_is_stopped => "exit_again_and_again.js".timeout(1.0)
        .ends(&["time_limit"]);
    an_endless_destructor_is_stopped => "endless_del.py".timeout(1.0).ends(&["time_limit"]);
    a_thread_that_holds_the_interpreter_is_stopped => "non_daemon_thread.py".timeout(1.0)
        .ends(&["time_limit"]).says("main is done\n");
    killing_everything_kills_only_what_is_the_programs => "kill_all.py".says("the child got SIGKILL\n");
    init_outlives_every_signal => "kill_init.py".gets_only(&["['DONE']", "['EPERM']"]);
    init_outlives_signals_from_javascript => "kill_init.js".says("init lives\n");
    signals_with_forged_senders_do_not_mislead_init => "queue_to_init.py".says("forged: ['EPERM']\n");
    a_crowd_of_orphans_does_not_hide_the_programs_end => "orphans_flood_init.py".ends(&["nonzero_exit"]).code(42);
    a_program_that_becomes_another_is_told_by_its_end => "exec_away.py".ends(&["nonzero_exit"]).code(9)
        .says("replaced\n");
    a_signal_ends_the_run_though_a_child_lives_on => "signal_with_child.py".ends(&["signal"]).code(143)
        .and(at_once);
    a_process_is_over_only_when_its_last_thread_is => "thread_exits_first.py".ends(&["nonzero_exit"]).code(3)
        .says("the other thread\n");
}
