//! Attacks on the compilers that execute or read what a program names: none reads what is not the program's, none goes on
//! without end, and what code that a compiler executes leaves behind troubles no program. GCC's are in `compiling/attacks.rs`.

use serde_json::json;

use crate::support::Server;

/// What becomes of the program.
enum End {
    /// It is compiled, and prints `ran`.
    Ran,
    /// The compiler refuses it.
    Refused,
    /// The compiler reaches one of these limits.
    Limit(&'static [&'static str]),
}
use End::{Limit, Ran, Refused};

const ATTACKS: [(&str, &str, End); 12] = [
    // A folder that PID 1 must open before it can empty it, and a process that stays.
    (
        "haskell",
        r#"{-# LANGUAGE TemplateHaskell #-}
import Language.Haskell.TH (runIO)
import System.Process (system)

$(runIO (system "mkdir -p $TMPDIR/closed/deep; chmod 0 $TMPDIR/closed; sleep 60 & true") >> return [])

main :: IO ()
main = putStrLn "ran"
"#,
        Ran,
    ),
    // The environment of PID 1.
    (
        "haskell",
        r#"{-# LANGUAGE TemplateHaskell #-}
import Language.Haskell.TH (litE, runIO, stringL)

main :: IO ()
main = putStrLn $(runIO (readFile "/proc/1/environ") >>= litE . stringL)
"#,
        Refused,
    ),
    // Words without end.
    (
        "haskell",
        r#"{-# LANGUAGE TemplateHaskell #-}
import Language.Haskell.TH (runIO)

$(runIO (mapM_ putStrLn (repeat "said without end")) >> return [])

main :: IO ()
main = putStrLn "ran"
"#,
        Limit(&["output"]),
    ),
    (
        "rust",
        r#"fn main() { println!("{}", include_bytes!("/etc/shadow").len()); }
"#,
        Refused,
    ),
    (
        "rust",
        r#"fn main() { println!("{}", include_bytes!("/dev/zero").len()); }
"#,
        Limit(&["memory", "wall_time", "cpu_time"]),
    ),
    // A macro that calls itself.
    (
        "rust",
        r#"macro_rules! bomb { ($($x:tt)*) => { bomb!($($x)* $($x)*); } }
fn main() { bomb!(x); }
"#,
        Limit(&["memory", "wall_time", "cpu_time"]),
    ),
    // A file that is not of the project.
    (
        "go",
        r#"package main

import _ "embed"

//go:embed ../etc/passwd
var text string

func main() { println(text) }
"#,
        Refused,
    ),
    // A plugin of the C compiler, by a comment.
    (
        "go",
        r#"package main

// #cgo CFLAGS: -fplugin=/sandbox/x.so
// int f(void) { return 1; }
import "C"

func main() { println(C.f()) }
"#,
        Refused,
    ),
    (
        "typescript",
        r#"import text from "/etc/shadow";
console.log(text);
"#,
        Refused,
    ),
    (
        "typescript",
        r#"import text from "/dev/zero";
console.log(text);
"#,
        Limit(&["memory", "wall_time", "cpu_time"]),
    ),
    (
        "fortran",
        r#"program main
  include '/dev/zero'
end program main
"#,
        Refused,
    ),
    // A processor of annotations that is the program itself.
    (
        "java",
        r#"import java.util.Set;
import javax.annotation.processing.*;
import javax.lang.model.element.TypeElement;

@SupportedAnnotationTypes("*")
public class Main extends AbstractProcessor {
    public boolean process(Set<? extends TypeElement> all, RoundEnvironment round) {
        throw new IllegalStateException("the processor ran");
    }

    public static void main(String[] args) {
        System.out.println("ran");
    }
}
"#,
        Ran,
    ),
];

#[test]
#[ignore = "takes minutes: `make test-languages` runs it"]
fn compilers_that_execute_or_read_what_a_program_names_give_nothing_away_and_end() {
    let server = Server::start(&[
        ("SCE_LANGUAGES", "haskell,rust,go,java,typescript,fortran"),
        ("SCE_POOL_SIZE", "0"),
    ]);
    for (language, code, end) in &ATTACKS {
        let outcome = server.run(&json!({"language": language, "code": code}));
        match end {
            Ran => {
                outcome.printed("ran\n");
            }
            Refused => {
                assert_eq!((outcome.status(), outcome.limit_name()), ("compile_error", None), "{}", outcome.0)
            }
            Limit(limits) => {
                assert_eq!(outcome.status(), "compile_error", "{}", outcome.0);
                assert!(limits.contains(&outcome.limit_name().unwrap_or("none")), "{}", outcome.0);
            }
        }
    }
}
