//! What every store of records promises, as functions over any of them. `contract_tests!(Backend)` makes tests of
//! all; nothing in here knows what it runs against.

mod age;
mod cases;
mod close;
mod compiled;
mod delete;
mod end;
mod files;
mod history;
mod keys;
mod size;
mod start;

pub use age::*;
pub use cases::*;
pub use close::*;
pub use compiled::*;
pub use delete::*;
pub use end::*;
pub use files::*;
pub use history::*;
pub use keys::*;
pub use size::*;
pub use start::*;

/// A test for each promise.
macro_rules! contract_tests {
    ($backend:ty) => {
        contract_tests!($backend:
            a_start_reads_as_running_with_all_it_began_with,
            a_start_written_twice_is_there_once,
            another_start_under_the_same_id_is_refused_and_changes_nothing,
            of_two_different_starts_at_once_exactly_one_wins,
            a_write_whose_caller_went_away_is_still_made,
            nobody_sees_another_callers_records,
            nobody_ends_another_callers_execution,
            odd_caller_names_are_callers_of_their_own,
            the_store_says_that_it_can_be_written_to,
            every_kind_of_end_reads_back_exactly,
            a_second_end_changes_nothing,
            of_many_ends_at_once_exactly_one_is_written_whole,
            an_end_without_a_start_is_refused_and_leaves_no_trace,
            an_unknown_execution_is_none,
            a_start_that_was_written_is_closed_with_its_end,
            a_start_that_was_not_written_is_closed_whole_and_takes_no_key_later,
            a_close_changes_no_end_and_can_be_made_again,
            a_close_and_a_start_at_once_leave_an_end_and_a_key_that_can_be_taken_over,
            every_call_has_a_limit_of_time,
            history_is_newest_first_and_no_longer_than_asked,
            history_is_clamped_to_a_hundred,
            pages_of_a_history_follow_one_another_without_gap_or_repeat,
            a_page_may_begin_at_an_id_that_is_not_there,
            history_of_a_stranger_is_empty,
            history_survives_a_restart,
            a_hundred_writers_at_once_lose_nothing,
            a_list_cuts_long_texts_and_the_single_record_has_them_whole,
            a_preview_never_tears_a_character,
            what_is_longer_than_is_kept_is_cut_and_counted_truly,
            full_streams_and_full_code_fit_together,
            a_long_message_is_cut_between_characters,
            empty_code_and_streams_stay_empty,
            a_record_has_the_files_that_came_back_and_a_list_their_names,
            a_record_has_every_test_case_and_a_list_their_summary,
            five_hundred_test_cases_are_one_record,
            of_test_cases_with_too_long_texts_the_verdicts_stay,
            a_record_has_what_a_compiler_wrote_and_a_list_how_it_ended,
            what_has_ended_is_forgotten_and_nothing_else_is,
            what_is_running_is_not_forgotten_until_it_is_abandoned,
            nobody_forgets_what_is_not_there_or_not_theirs,
            the_key_of_what_was_forgotten_stays_taken_until_it_expires,
            running_turns_to_abandoned_at_the_very_moment,
            an_end_that_comes_late_is_still_written,
            an_expired_record_is_not_shown_from_the_very_moment,
            expired_records_do_not_shorten_the_list,
            times_are_kept_to_the_millisecond,
            a_key_is_taken_once_and_says_whose_it_is,
            of_many_who_ask_for_one_key_exactly_one_gets_it,
            a_key_belongs_to_its_caller,
            a_key_can_be_taken_over_from_the_one_that_is_named_and_by_one_alone,
            a_key_is_free_again_from_the_very_moment_it_expires,
            a_key_is_not_taken_by_a_start_that_cannot_be_written,
        );
    };
    ($backend:ty: $($name:ident),+ $(,)?) => {
        mod contract {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                crate::contract::$name::<$backend>().await;
            })+
        }
    };
}
