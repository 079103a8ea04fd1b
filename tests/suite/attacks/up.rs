//! Gaining rights, namespaces, devices, or more of the kernel than a program needs.

use crate::attacks::attacks;

/// What a call may come to that is not allowed: refused, or not there.
const REFUSED: &[&str] = &["EPERM", "ENOSYS"];

attacks! { "up":
    no_call_gives_mounts_namespaces_or_devices => "kernel_calls.py".gets_only(REFUSED);
    no_call_reaches_the_corners_of_the_kernel => "kernel_interfaces.py".gets_only(REFUSED);
    nobody_becomes_root => "become_root.py"
        .gets_only(&["EPERM", "EACCES", "EROFS", "EINVAL", "ENOTSUP", "ENODATA"]);
    setuid_programs_give_nothing => "setuid_programs.py".says(
        "as nobody else: True\n{'CapInh': '0000000000000000', 'CapPrm': '0000000000000000', \
         'CapEff': '0000000000000000', 'CapBnd': '0000000000000000', 'CapAmb': '0000000000000000', \
         'NoNewPrivs': '1', 'Seccomp': '2'}\n");
    calls_are_refused_by_their_arguments => "arguments.py"
        .gets_only(&["EPERM", "ENOSYS", "ENOMEM", "ENOTSUP", "ENODEV"]);
    no_core_dump_can_be_had => "core_limit.py"
        .says("mine: (1, 1)\nended by SIGABRT: True\na child's: ['1', '1']\n");
    limits_cannot_be_raised => "raise_limits.py".gets_only(&["EPERM", "EACCES", "ValueError", "EINVAL"]);
    control_groups_cannot_be_written_nor_left => "control_groups.py"
        .gets_only(&["nothing", "EROFS", "EACCES", "ENOENT", "EPERM"]);
    no_knob_of_the_kernel_can_be_turned => "kernel_knobs.py"
        .gets_only(&["nothing", "EROFS", "EACCES", "ENOENT", "EPERM", "EISDIR", "ENXIO"]);
    no_device_is_there_but_the_harmless => "devices.py".gets_only(&["nothing", "ENOENT", "EACCES"]);
    calls_of_32_bits_are_refused => "calls_of_32_bits.py".gets_only(&["EPERM", "ENOSYS", "SIGSYS", "SIGSEGV"]);
    unknown_calls_do_not_exist => "unknown_calls.py".gets_only(REFUSED);
    nothing_can_be_written_and_executed => "write_and_execute.py".gets_only(&["EACCES", "EROFS", "ENOENT", "EPERM", "ETXTBSY"]);
    a_filter_of_ones_own_deceives_only_oneself => "filter_of_ones_own.py"
        .gets_only(&["True", "EPERM"]);
}
