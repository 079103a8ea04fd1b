//! Brings back files that a program has left, when all of its processes are dead.
//!
//! By descriptor and by single names, each opened without following links: a name cannot hold a `/`, and nobody is left who
//! could put one thing in the place of another. So nothing outside the program's folder is reached; `openat2` with
//! `RESOLVE_BENEATH` could say no more, and not every kernel beneath a sandbox has it.
//!
//! Only regular files are opened. What is read is counted as it is read, and goes to the handler in pieces: a file of any
//! size takes 64 KiB of memory.

use std::{
    fs::File,
    io::{self, Read},
    os::fd::AsFd,
    path::Path,
};

use nix::{
    dir::Dir,
    errno::Errno,
    fcntl::{AtFlags, OFlag, openat},
    sys::stat::{FchmodatFlags, FileStat, Mode, SFlag, fchmodat, fstat, fstatat},
};

use crate::{
    pattern::Pattern,
    protocol::{Collect, FromInit, Omitted, WhyOmitted},
    scratch::{kind, names, open, opened},
};

/// How many folders deep is looked.
const DEEPEST: usize = 32;
/// The longest name that is brought back, in bytes, folders included.
const LONGEST_NAME: usize = 255;
/// The longest that is shown of a name.
const SHOWN: usize = 256;
/// The most that is looked at: more than the file system holds.
const MOST: usize = 10_000;
/// The most that are named which were left out.
const NAMED: usize = 256;
/// Bytes of a piece.
const PIECE: usize = 64 * 1024;

/// What the files of the job looked like before the program began: what still does was not made by the program.
#[derive(Debug, Default)]
pub struct Untouched(Vec<(u64, i64, i64, i64)>);

impl Untouched {
    /// Looks at every file in a folder.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn look(workdir: &Path) -> io::Result<Self> {
        let mut found = Vec::new();
        look_in(&open(workdir)?, "", 0, &mut found, &mut 0)?;
        Ok(Self(found.into_iter().map(|found| mark(&found.stat)).collect()))
    }

    fn has(&self, stat: &FileStat) -> bool {
        self.0.contains(&mark(stat))
    }
}

/// A file that is written to gets another time: those of the job are a second older than they are, see [`crate::files`].
/// Init's own change of a file's name does not count.
fn mark(stat: &FileStat) -> (u64, i64, i64, i64) {
    (stat.st_ino, stat.st_mtime, stat.st_mtime_nsec, stat.st_size)
}

/// Something in the folder.
struct Found {
    name: String,
    stat: FileStat,
    /// Whether it lies as it is called; else it can only be named.
    plain: bool,
    too_deep: bool,
}

/// Sends what is wished for.
///
/// # Errors
/// When the handler does not take it, or the kernel refuses what it should not.
pub fn collect(
    workdir: &Path,
    wish: &Collect,
    untouched: &Untouched,
    mut send: impl FnMut(FromInit) -> io::Result<()>,
) -> io::Result<()> {
    let patterns: Vec<Pattern> = wish.patterns.iter().map(|text| Pattern::parse(text)).collect();
    let (mut found, mut more) = (Vec::new(), 0);
    let top = open(workdir)?;
    look_in(&top, "", 0, &mut found, &mut more)?;
    let mut fitting: Vec<(usize, Found)> = found
        .into_iter()
        .filter(|found| !untouched.has(&found.stat))
        .filter_map(|found| Some((patterns.iter().position(|pattern| pattern.fits(&found.name))?, found)))
        .collect();
    fitting.sort_by(|(one, first), (other, second)| (one, &first.name).cmp(&(other, &second.name)));
    let (mut files, mut left) = (0, wish.max_bytes);
    let mut omitted = Vec::new();
    for (_, found) in fitting {
        let why = match why_not(&found) {
            None if files >= wish.max_files => Some(WhyOmitted::TooMany),
            None if size(&found.stat) > left => Some(WhyOmitted::TooLarge),
            None => match bring(&top, &found, &mut left, &mut send)? {
                Ok(()) => None,
                Err(errno) => Some(WhyOmitted::Unreadable(errno as i32)),
            },
            why => why,
        };
        match why {
            None => files += 1,
            Some(_) if omitted.len() >= NAMED => more += 1,
            Some(why) => omitted.push(Omitted { name: shown(&found.name), size: size(&found.stat), why }),
        }
    }
    send(FromInit::Collected { omitted, more })
}

/// Finds everything below a folder but folders.
fn look_in(folder: &Dir, path: &str, depth: usize, found: &mut Vec<Found>, more: &mut u32) -> io::Result<()> {
    for name in names(folder)? {
        // Where the program has taken the right to look from the folder, init has given it back: the file is there.
        let stat = fstatat(folder, &*name, AtFlags::AT_SYMLINK_NOFOLLOW)?;
        let text = name.to_str();
        let plain = text.is_ok_and(|text| !text.chars().any(char::is_control))
            && path.len() + name.to_bytes().len() <= LONGEST_NAME;
        let full = format!("{path}{}", name.to_string_lossy());
        let is_folder = kind(&stat) == SFlag::S_IFDIR;
        if found.len() >= MOST {
            *more = more.saturating_add(1);
        } else if is_folder && plain && depth < DEEPEST {
            look_in(&opened(folder, &*name)?, &format!("{full}/"), depth + 1, found, more)?;
        } else {
            found.push(Found { name: full, stat, plain, too_deep: is_folder });
        }
    }
    Ok(())
}

fn size(stat: &FileStat) -> u64 {
    if kind(stat) == SFlag::S_IFREG { u64::try_from(stat.st_size).unwrap_or(0) } else { 0 }
}

fn why_not(found: &Found) -> Option<WhyOmitted> {
    match kind(&found.stat) {
        _ if !found.plain => Some(WhyOmitted::Name),
        _ if found.too_deep => Some(WhyOmitted::TooDeep),
        SFlag::S_IFREG => None,
        SFlag::S_IFLNK => Some(WhyOmitted::Link),
        SFlag::S_IFIFO => Some(WhyOmitted::Pipe),
        SFlag::S_IFSOCK => Some(WhyOmitted::Socket),
        _ => Some(WhyOmitted::Device),
    }
}

/// Sends one file; the inner error is why it cannot be read.
fn bring(
    top: &Dir,
    found: &Found,
    left: &mut u64,
    send: &mut impl FnMut(FromInit) -> io::Result<()>,
) -> io::Result<Result<(), Errno>> {
    let mut file = match open_file(top, &found.name) {
        Ok(file) => file,
        Err(errno) => return Ok(Err(errno)),
    };
    let size = size(&found.stat);
    send(FromInit::File { name: found.name.clone(), size })?;
    let mut rest = size;
    while rest > 0 {
        let length = usize::try_from(rest).map_or(PIECE, |rest| rest.min(PIECE));
        let mut piece = vec![0; length];
        file.read_exact(&mut piece)?;
        rest -= length as u64;
        *left -= length as u64;
        send(FromInit::Content(piece))?;
    }
    Ok(Ok(()))
}

/// Opens a regular file, one name after the other.
fn open_file(top: &Dir, name: &str) -> Result<File, Errno> {
    let mut folder: Option<Dir> = None;
    let (folders, last) = name.rsplit_once('/').map_or((None, name), |(folders, last)| (Some(folders), last));
    for part in folders.into_iter().flat_map(|folders| folders.split('/')) {
        folder = Some(opened(folder.as_ref().unwrap_or(top), part)?);
    }
    let here = folder.as_ref().unwrap_or(top);
    // Never waits: not for whoever writes to a pipe either, should the file be one after all.
    let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let opened = match openat(here, last, flags, Mode::empty()) {
        Err(Errno::EACCES) => {
            fchmodat(here, last, Mode::S_IRUSR, FchmodatFlags::FollowSymlink)?;
            openat(here, last, flags, Mode::empty())?
        }
        opened => opened?,
    };
    if kind(&fstat(opened.as_fd())?) == SFlag::S_IFREG { Ok(File::from(opened)) } else { Err(Errno::EINVAL) }
}

/// As much of a name as can be shown.
fn shown(name: &str) -> String {
    let mut shown = String::new();
    for character in name.chars() {
        let length = shown.len();
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
        if shown.len() > SHOWN {
            shown.truncate(length);
            break;
        }
    }
    shown
}
