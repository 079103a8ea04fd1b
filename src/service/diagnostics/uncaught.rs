//! What interpreters and runtimes wrote of errors that nobody caught, word for word, and what is read from it. The texts were
//! made by the images of `images/`.

use super::{Diagnostic, Phase, read};
use crate::domain::outcome::Ending;

/// A language, an exit code, what was written, and what is told of it: file, line, column, message.
type Case = (&'static str, u8, &'static str, (&'static str, u32, Option<u32>, &'static str));

const RAN: [Case; 25] = [
    (
        "bash",
        1,
        "./main.sh: line 3: nobody: unbound variable\n",
        ("main.sh", 3, None, "nobody: unbound variable"),
    ),
    (
        "bash",
        127,
        "./main.sh: line 1: nosuch: command not found\n",
        ("main.sh", 1, None, "nosuch: command not found"),
    ),
    (
        "bash",
        2,
        "./main.sh: line 2: syntax error near unexpected token `then'\n./main.sh: line 2: `if then'\n",
        ("main.sh", 2, None, "syntax error near unexpected token `then'"),
    ),
    (
        "csharp",
        1,
        "\nUnhandled Exception:\nSystem.IndexOutOfRangeException: Index was outside the bounds of the array.\n  at Program.Main (System.String[] args) [0x00001] in /sandbox/main.cs:7 \n[ERROR] FATAL UNHANDLED EXCEPTION: System.IndexOutOfRangeException: Index was outside the bounds of the array.\n  at System.Array.Copy (x) [0x00002] in <12b418a7818c4ca0893feeaaf67f1e7f>:0 \n  at Program.Main (System.String[] args) [0x00001] in /sandbox/main.cs:7 \n",
        ("main.cs", 7, None, "System.IndexOutOfRangeException: Index was outside the bounds of the array."),
    ),
    (
        "fortran",
        2,
        "At line 6 of file ./main.f90\nFortran runtime error: Attempt to DEALLOCATE unallocated 'numbers'\n\nError termination. Backtrace:\n#0  0x7fc9da9f88c2 in ???\n#1  0x5601d221981c in main\n",
        ("main.f90", 6, None, "Attempt to DEALLOCATE unallocated 'numbers'"),
    ),
    (
        "go",
        2,
        "panic: runtime error: index out of range [3] with length 0\n\ngoroutine 1 [running]:\nmain.broken(...)\n\t/sandbox/main.go:4\nmain.main()\n\t/sandbox/main.go:7 +0x15\n",
        ("main.go", 4, None, "runtime error: index out of range [3] with length 0"),
    ),
    (
        "go",
        2,
        "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]:\nmain.main()\n\t/sandbox/main.go:4 +0x25\n",
        ("main.go", 4, None, "all goroutines are asleep - deadlock!"),
    ),
    (
        "go",
        2,
        "panic: runtime error: invalid memory address or nil pointer dereference [recovered]\n\tpanic: again\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x491d97]\n\ngoroutine 1 [running]:\nmain.main.func1()\n\t/sandbox/a/nil.go:6 +0x65\npanic({0x49fa80?, 0x5592a0?})\n\t/usr/lib/go-1.24/src/runtime/panic.go:792 +0x132\nmain.main()\n\t/sandbox/a/nil.go:7 +0x37\n\ngoroutine 5 [sleep]:\nmain.other()\n\t/sandbox/other.go:1 +0x1\n",
        ("a/nil.go", 6, None, "runtime error: invalid memory address or nil pointer dereference [recovered]"),
    ),
    (
        "haskell",
        1,
        "main: no such number\nCallStack (from HasCallStack):\n  error, called at main.hs:2:12 in main:Main\n",
        ("main.hs", 2, Some(12), "no such number"),
    ),
    (
        "lua",
        1,
        "lua: ./main.lua:2: attempt to concatenate a nil value\nstack traceback:\n\t./main.lua:2: in local 'broken'\n\t./main.lua:4: in main chunk\n\t[C]: in ?\n",
        ("main.lua", 2, None, "attempt to concatenate a nil value"),
    ),
    (
        "lua",
        1,
        "lua: ./b.lua:1: a\nb\nstack traceback:\n\t[C]: in function 'error'\n\t./b.lua:1: in main chunk\n\t[C]: in ?\n",
        ("b.lua", 1, None, "a"),
    ),
    (
        "ocaml",
        2,
        "Fatal error: exception Invalid_argument(\"index out of bounds\")\nRaised by primitive operation at Main.broken in file \"./main.ml\", line 2, characters 2-13\nCalled from Main in file \"./main.ml\", line 6, characters 12-25\n",
        ("main.ml", 2, Some(3), "Invalid_argument(\"index out of bounds\")"),
    ),
    (
        "ocaml",
        2,
        "Fatal error: exception Failure(\"no\")\nRaised at Stdlib.failwith in file \"stdlib.ml\", line 29, characters 17-33\nCalled from Main in file \"./main.ml\", line 6, characters 12-25\n",
        ("main.ml", 6, Some(13), "Failure(\"no\")"),
    ),
    (
        "pascal",
        200,
        "Runtime error 200 at $00000000004010BA\n  $00000000004010BA  main,  line 6 of main.pas\n\n",
        ("main.pas", 6, None, "Runtime error 200"),
    ),
    (
        "perl",
        255,
        "Illegal division by zero at ./main.pl line 2.\n",
        ("main.pl", 2, None, "Illegal division by zero"),
    ),
    ("perl", 255, "no at ./c.pl line 2, <STDIN> line 1.\n", ("c.pl", 2, None, "no")),
    ("perl", 255, "bad at ./e.pl line 2.\n\tmain::f() called at ./e.pl line 3\n", ("e.pl", 2, None, "bad")),
    (
        "php",
        255,
        "PHP Fatal error:  Uncaught DivisionByZeroError: Division by zero in /sandbox/main.php:3\nStack trace:\n#0 /sandbox/main.php(3): intdiv()\n#1 /sandbox/main.php(5): broken()\n#2 {main}\n  thrown in /sandbox/main.php on line 3\n",
        ("main.php", 3, None, "DivisionByZeroError: Division by zero"),
    ),
    (
        "php",
        255,
        "PHP Fatal error:  Cannot redeclare f() (previously declared in /sandbox/main.php:2) in /sandbox/main.php on line 3\n",
        ("main.php", 3, None, "Cannot redeclare f() (previously declared in /sandbox/main.php:2)"),
    ),
    (
        "ruby",
        1,
        "./main.rb:2:in `/': divided by 0 (ZeroDivisionError)\n\tfrom ./main.rb:2:in `broken'\n\tfrom ./main.rb:4:in `<main>'\n",
        ("main.rb", 2, None, "divided by 0 (ZeroDivisionError)"),
    ),
    (
        "ruby",
        1,
        "./main.rb:1:in `<main>': undefined method `foo' for nil:NilClass (NoMethodError)\n\nnil.foo\n   ^^^^\n",
        ("main.rb", 1, None, "undefined method `foo' for nil:NilClass (NoMethodError)"),
    ),
    (
        "ruby",
        1,
        "/usr/lib/ruby/3.1.0/json/common.rb:216:in `parse': unexpected token at 'x' (JSON::ParserError)\n\tfrom /usr/lib/ruby/3.1.0/json/common.rb:216:in `parse'\n\tfrom ./main.rb:3:in `<main>'\n",
        ("main.rb", 3, None, "unexpected token at 'x' (JSON::ParserError)"),
    ),
    (
        "rust",
        101,
        "\nthread 'main' panicked at ./main.rs:2:5:\nindex out of bounds: the len is 0 but the index is 3\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n",
        ("main.rs", 2, Some(5), "index out of bounds: the len is 0 but the index is 3"),
    ),
    (
        "tcl",
        1,
        "divide by zero\n    invoked from within\n\"expr {1 / 0}\"\n    (procedure \"broken\" line 2)\n    invoked from within\n\"broken\"\n    (file \"./main.tcl\" line 4)\n",
        ("main.tcl", 4, None, "divide by zero"),
    ),
    (
        "tcl",
        1,
        "couldn't open \"/nosuch\": no such file or directory\n    while executing\n\"open /nosuch \"\n    (procedure \"f\" line 1)\n    invoked from within\n\"f\"\n    (file \"./main.tcl\" line 2)\n",
        ("main.tcl", 2, None, "couldn't open \"/nosuch\": no such file or directory"),
    ),
];

/// Of programs that could not be read.
const NOT_READ: [Case; 5] = [
    (
        "ruby",
        1,
        "./main.rb:2: syntax error, unexpected integer literal, expecting ')'\n",
        ("main.rb", 2, None, "syntax error, unexpected integer literal, expecting ')'"),
    ),
    (
        "lua",
        1,
        "lua: ./main.lua:2: unexpected symbol near 'then'\n",
        ("main.lua", 2, None, "unexpected symbol near 'then'"),
    ),
    (
        "perl",
        255,
        "syntax error at ./main.pl line 2, near \"= ;\"\nGlobal symbol \"$y\" requires explicit package name (did you forget to declare \"my $y\"?) at ./main.pl line 3.\nExecution of ./main.pl aborted due to compilation errors.\n",
        ("main.pl", 2, None, "syntax error"),
    ),
    (
        "perl",
        2,
        "Can't locate Nobody.pm in @INC (you may need to install the Nobody module) (@INC contains: /etc/perl) at ./main.pl line 1.\nBEGIN failed--compilation aborted at ./main.pl line 1.\n",
        (
            "main.pl",
            1,
            None,
            "Can't locate Nobody.pm in @INC (you may need to install the Nobody module) (@INC contains: /etc/perl)",
        ),
    ),
    (
        "php",
        255,
        "PHP Parse error:  syntax error, unexpected token \"{\", expecting variable in /sandbox/main.php on line 2\n",
        ("main.php", 2, None, "syntax error, unexpected token \"{\", expecting variable"),
    ),
];

fn told(language: &str, exit_code: u8, text: &str) -> Vec<Diagnostic> {
    read(language, &Ending::Exited(exit_code), text.as_bytes())
}

#[test]
fn every_language_tells_an_uncaught_error_in_its_own_way() {
    let cases =
        RAN.iter().map(|case| (case, Phase::Run)).chain(NOT_READ.iter().map(|case| (case, Phase::Compile)));
    for ((language, exit_code, text, expected), phase) in cases {
        for before in ["", "the program's own\n"] {
            let found = told(language, *exit_code, &format!("{before}{text}"));
            let [found] = &found[..] else { panic!("{language}: nothing in {text}") };
            assert_eq!((&*found.file, found.line, found.column, &*found.message), *expected);
            assert_eq!(found.phase, phase, "{text}");
        }
    }
}

#[test]
fn what_is_not_whole_or_not_the_last_word_is_none() {
    for (language, exit_code, text, _) in RAN.iter().chain(&NOT_READ) {
        assert_eq!(told(language, *exit_code, &format!("{text}and then\n")), [], "{language} went on");
        // Perl ends with whatever number an error left behind.
        if *language != "perl" {
            assert_eq!(told(language, 77, text), [], "{language} left by itself");
        }
        let elsewhere =
            text.replace("./", "/usr/lib/").replace("/sandbox/", "/usr/").replace(" main.hs", " /main.hs");
        if *language != "pascal" {
            assert_eq!(told(language, *exit_code, &elsewhere), [], "{language}: not of the project");
        }
    }
}
