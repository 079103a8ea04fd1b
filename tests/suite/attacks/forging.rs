//! Lying about the outcome: to our face, behind our back, or with our own voice.

use crate::{attacks::attacks, support::Outcome};

fn both_streams_hold_the_forgery(outcome: &Outcome) {
    for stream in ["output", "error"] {
        let raw = outcome.raw(stream);
        assert!(raw.windows(6).any(|bytes| bytes == b"forged"), "{stream} lost: {}", outcome.0);
    }
}

fn not_the_memory_limit(outcome: &Outcome) {
    assert!(outcome.0.get("limit").is_none(), "{}", outcome.0);
}

attacks! { "forging":
    a_report_printed_to_the_streams_is_only_output => "report_on_stdout.py".ends(&["nonzero_exit"]).code(33)
        .and(both_streams_hold_the_forgery);
    no_descriptor_is_open_besides_the_standard_streams => "scan_descriptors.py".says("[]\n");
    writing_to_every_descriptor_changes_nothing => "write_descriptors.py".ends(&["nonzero_exit"]).code(34)
        .says("written to all there is\n");
    writing_to_every_descriptor_of_node_changes_nothing => "write_descriptors.js"
        .ends(&["nonzero_exit", "signal", "time_limit"]).timeout(3.0);
    replaced_builtins_fool_nobody => "replace_builtins.py".ends(&["completed", "nonzero_exit"]);
    a_replaced_exit_is_told_as_it_was => "replace_exit.py".ends(&["nonzero_exit"]).code(35);
    replaced_prototypes_fool_nobody => "replace_everything.js".ends(&["nonzero_exit"]).code(36).says("before\n");
    an_exit_code_changed_at_the_last_moment_is_the_exit_code => "exit_code_lies.js".ends(&["nonzero_exit"]).code(37);
    init_cannot_be_traced_nor_read_nor_written => "trace_init.py".gets_only(&["EPERM", "ENOSYS", "EACCES"]);
    init_has_no_files_to_read_or_write_in_proc => "files_of_init.py"
        .gets_only(&["EACCES", "EPERM", "ENOENT", "EROFS"]);
    a_program_cannot_open_its_own_memory_for_writing => "memory_of_self.py"
        .gets_only(&["EACCES", "EPERM", "EROFS"]);
    there_is_no_channel_to_init_to_be_found => "second_frame.py".says("b''\n");
    an_exit_code_of_137_after_a_childs_death_for_memory_is_an_exit_code => "memory_story.py"
        .ends(&["nonzero_exit"]).code(137).and(not_the_memory_limit);
    nothing_of_the_bootstrap_is_left_in_the_interpreter => "environment_of_the_bootstrap.py"
        .says("[]\nframes: 1\n[]\n");
}
