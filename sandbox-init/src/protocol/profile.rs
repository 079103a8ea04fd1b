//! How a sandbox starts a program: what the handler tells `sandbox-init` on its command line.

use serde::{Deserialize, Serialize};

use super::{BadFrame, from_bytes, to_bytes};

/// How a language's programs are started; the first argument of `sandbox-init`, see [`Profile::to_argument`].
///
/// A profile names at least one way. Where it names both, the interpreter that waits is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The interpreter that is started before there is a program, and waits for one.
    pub waits: Option<Waits>,
    /// The command that PID 1 executes when a step comes, for a language without a bootstrap.
    pub run: Option<Command>,
    /// Whether the first step runs a compiler. Then no interpreter waits.
    pub compiles: bool,
    /// The longest file in bytes that the program may write, where its compiler may write longer ones.
    pub file_bytes: Option<u64>,
    /// Variables of every program, on top of the sandbox's own.
    pub environment: Vec<(String, String)>,
}

/// An interpreter that waits for its program.
///
/// Its bootstrap finds the number of a descriptor, the control channel, in the variable
/// [`CONTROL_VARIABLE`](super::CONTROL_VARIABLE). It writes [`READY`](Self::READY) or [`READY_TO_FORK`](Self::READY_TO_FORK)
/// there, and reads to the end of the channel: the name of the file to run and its arguments, NUL between them. It closes
/// the channel before the program's first instruction.
///
/// An interpreter that can fork may be told [`BECOME_ZYGOTE`](Self::BECOME_ZYGOTE) instead: see `zygote.rs`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waits {
    /// The command line.
    pub command: Vec<String>,
    /// The folder that the interpreter starts in; nothing is [`WORKDIR`](super::WORKDIR).
    pub start_in: Option<String>,
    /// Files to write into [`BOOT`](super::BOOT) first: relative names, and texts.
    pub bootstrap: Vec<(String, String)>,
    /// Variables of an interpreter that is started for a later step, on top of [`Profile::environment`]. Its program comes
    /// as soon as the interpreter is ready, so that a bootstrap may leave out what only pays while nobody waits.
    pub later_environment: Vec<(String, String)>,
}

impl Waits {
    /// The bootstrap's word: the interpreter waits for one program.
    pub const READY: u8 = b'+';
    /// The bootstrap's word: the interpreter waits, and it can become a zygote, which forks for each step.
    pub const READY_TO_FORK: u8 = b'*';
    /// PID 1's word, alone: become a zygote. No name of a file begins so.
    pub const BECOME_ZYGOTE: u8 = 0;
    /// PID 1's word to a zygote, sent with four descriptors: fork. The zygote repeats the word when it has forked.
    pub const FORK: u8 = b'f';
    /// PID 1's word to a zygote: kill every process but PID 1 and yourself. The zygote repeats the word when it has done so.
    pub const KILL: u8 = b'k';
}

/// A command line with places for the program's file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command(pub Vec<String>);

impl Command {
    /// What stands for the program's file in a word of the command.
    pub const ENTRY: &'static str = "{entry}";

    /// The command line that runs this file, which is relative to [`WORKDIR`](super::WORKDIR), with these arguments.
    ///
    /// [`ENTRY`](Self::ENTRY) becomes `./` and the name, wherever it stands in a word: so a file called `-c.py` is a file, and
    /// never an option. The arguments come last.
    #[must_use]
    pub fn line(&self, entry: &str, args: &[&str]) -> Vec<String> {
        let file = format!("./{entry}");
        let words = self.0.iter().map(|word| word.replace(Self::ENTRY, &file));
        words.chain(args.iter().map(|arg| (*arg).to_owned())).collect()
    }
}

impl Profile {
    /// The profile as an argument of a command line: its bytes in hexadecimal.
    ///
    /// # Errors
    /// When it is longer than the kernel takes for one argument, 128 KiB.
    pub fn to_argument(&self) -> Result<String, BadFrame> {
        const LONGEST: usize = 128 * 1024 - 1;
        let mut argument = String::new();
        for byte in to_bytes(self)? {
            let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
            argument.extend([digit(byte >> 4), digit(byte & 15)]);
        }
        if argument.len() > LONGEST { Err(BadFrame::TooLong) } else { Ok(argument) }
    }

    /// The profile in an argument that [`Self::to_argument`] gave.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn from_argument(argument: &str) -> Result<Self, BadFrame> {
        let pairs = argument.as_bytes().chunks(2);
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Option<Vec<u8>> = pairs.map(|pair| byte(pair).filter(|_| pair.len() == 2)).collect();
        from_bytes(&bytes.ok_or(BadFrame::Malformed)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_whose_name_is_an_option_stays_a_file() {
        let command = Command(["ruby", "--disable=gems", "{entry}"].map(ToOwned::to_owned).to_vec());
        let line = command.line("-c.rb", &["{entry}", "-x"]);
        assert_eq!(line, ["ruby", "--disable=gems", "./-c.rb", "{entry}", "-x"]);
        let command = Command(vec!["vm".to_owned(), "--main={entry}".to_owned()]);
        assert_eq!(command.line("a/b.c", &[]), ["vm", "--main=./a/b.c"]);
    }
}
