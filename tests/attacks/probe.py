"""What the attack programs share: they try things and print, one line each, what came of it.

`DONE` means that it worked, an errno's name that the kernel refused, `nothing` that there was nothing to find.
"""
import ctypes
import errno
import os

libc = ctypes.CDLL(None, use_errno=True)
ARM = os.uname().machine == "aarch64"

# Numbers on x86_64 and aarch64; None where the architecture has no such call.
NUMBERS = {
    "accept4": (288, 242), "acct": (163, 89), "add_key": (248, 217), "adjtimex": (159, 171), "bpf": (321, 280),
    "cachestat": (451, 451), "capset": (126, 91), "chown": (92, None), "chroot": (161, 51),
    "clock_adjtime": (305, 266), "clock_settime": (227, 112), "clone": (56, 220), "clone3": (435, 435),
    "create_module": (174, None), "delete_module": (176, 106), "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263), "fchown": (93, 55), "fchownat": (260, 54), "finit_module": (313, 273),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fsopen": (430, 430), "fspick": (433, 433),
    "fsetxattr": (190, 7), "init_module": (175, 105), "io_setup": (206, 0), "io_submit": (209, 2),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "io_uring_setup": (425, 425),
    "ioperm": (173, None), "iopl": (172, None), "kcmp": (312, 272), "kexec_file_load": (320, 294),
    "kexec_load": (246, 104), "keyctl": (250, 219), "lookup_dcookie": (212, 18), "lsetxattr": (189, 6),
    "mbind": (237, 235), "memfd_create": (319, 279), "memfd_secret": (447, 447), "migrate_pages": (256, 238),
    "mknod": (133, None), "mknodat": (259, 33), "modify_ldt": (154, None), "mount": (165, 40),
    "mount_setattr": (442, 442), "move_mount": (429, 429), "move_pages": (279, 239), "mq_open": (240, 180),
    "msgget": (68, 186), "name_to_handle_at": (303, 264), "nfsservctl": (180, 42), "open_by_handle_at": (304, 265),
    "open_tree": (428, 428), "perf_event_open": (298, 241), "personality": (135, 92), "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424), "pivot_root": (155, 41),
    "process_madvise": (440, 440), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "ptrace": (101, 117), "quotactl": (179, 60), "quotactl_fd": (443, 443), "reboot": (169, 142),
    "request_key": (249, 218), "seccomp": (317, 277), "semget": (64, 190), "sethostname": (170, 161),
    "setdomainname": (171, 162), "setgid": (106, 144), "setgroups": (116, 159), "setns": (308, 268),
    "setpriority": (141, 140), "setregid": (114, 143), "setresgid": (119, 149), "setresuid": (117, 147),
    "setreuid": (113, 145), "setfsuid": (122, 151), "settimeofday": (164, 170), "setuid": (105, 146),
    "shmget": (29, 194), "socket": (41, 198), "statmount": (457, 457), "listmount": (458, 458),
    "swapoff": (168, 225), "swapon": (167, 224), "sysfs": (139, None), "_sysctl": (156, None),
    "syslog": (103, 116), "umount2": (166, 39), "unshare": (272, 97), "uselib": (134, None),
    "userfaultfd": (323, 282), "ustat": (136, None), "vhangup": (153, 58), "vm86": (None, None),
    "vmsplice": (278, 75), "process_mrelease": (448, 448), "set_mempolicy": (238, 237),
    "sched_setattr": (314, 274), "sched_setscheduler": (144, 119), "fallocate": (285, 47),
    "landlock_create_ruleset": (444, 444),
}


class Absent(Exception):
    """This architecture has no such call."""


def syscall(name, *args):
    """The call by its number, around every wrapper of the library. Text and bytes are passed by address."""
    number = NUMBERS[name][ARM]
    if number is None:
        raise Absent
    return raw(number, *args)


def raw(number, *args):
    words = []
    for arg in args:
        if isinstance(arg, str):
            arg = arg.encode()
        if isinstance(arg, (bytes, bytearray)):
            arg = ctypes.create_string_buffer(bytes(arg))
        words.append(ctypes.c_long(arg) if isinstance(arg, int) else arg)
    libc.syscall.restype = ctypes.c_long
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *words)
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def outcome(act, *args):
    """What came of it, in a word."""
    try:
        act(*args)
    except OSError as error:
        return errno.errorcode.get(error.errno, type(error).__name__)
    except Absent:
        return "ENOSYS"
    except Exception as error:
        return type(error).__name__
    return "DONE"


def attempt(what, act, *args):
    """Tries it and says what came of it."""
    print(f"{what}: {outcome(act, *args)}", flush=True)


def call(name, *args):
    """Tries a system call and says what came of it."""
    attempt(name, syscall, name, *args)
