//! Opening the file: who may read it, and how SQLite is to treat it.

use std::{
    fs::{self, DirBuilder, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{
    SqliteConfig,
    error::OpenError,
    schema::{migrate, refuse_strangers},
};

/// The log beside the file is cut back to this after it was larger; bytes.
const WAL_KEPT_BYTES: i64 = 16 * 1024 * 1024;

/// Opens the file for writing, made and migrated where needed.
///
/// # Errors
/// [`OpenError::Folder`] and [`OpenError::File`] when the folder or the file cannot be made for the owner alone;
/// [`OpenError::Foreign`] and [`OpenError::Newer`] for a file that is not this version's; [`OpenError::Sqlite`] when SQLite
/// refuses the file, or another process migrates it for longer than the busy timeout.
pub(super) fn open_writer(config: &SqliteConfig) -> Result<Connection, OpenError> {
    let path = &config.path;
    make_private(path)?;
    let sqlite = |source| OpenError::Sqlite { path: path.clone(), source };
    let mut conn = connect(config).map_err(sqlite)?;
    refuse_strangers(&conn, path)?;
    // Only takes effect on a file that is still empty, and must come before the journal mode, which ends that.
    conn.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(sqlite)?;
    use_wal(&conn, config.busy_timeout).map_err(sqlite)?;
    conn.pragma_update(None, "journal_size_limit", WAL_KEPT_BYTES).map_err(sqlite)?;
    if let Some(bytes) = config.max_bytes {
        let page: i64 = conn.pragma_query_value(None, "page_size", |row| row.get(0)).map_err(sqlite)?;
        let pages = i64::try_from(bytes).unwrap_or(i64::MAX) / page.max(1);
        conn.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).map_err(sqlite)?;
    }
    migrate(&mut conn).map_err(sqlite)?;
    Ok(conn)
}

/// Opens the file, which [`open_writer`] has prepared, for reading.
///
/// # Errors
/// [`OpenError::Sqlite`] when SQLite refuses the file.
pub(super) fn open_reader(config: &SqliteConfig) -> Result<Connection, OpenError> {
    let open = || {
        let conn = connect(config)?;
        conn.pragma_update(None, "query_only", true)?;
        Ok(conn)
    };
    open().map_err(|source| OpenError::Sqlite { path: config.path.clone(), source })
}

fn connect(config: &SqliteConfig) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(
        &config.path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.busy_timeout(config.busy_timeout)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    // The schema of a file that someone else has written to must not make us run its functions.
    conn.pragma_update(None, "trusted_schema", false)?;
    // A damaged page is noticed when it is read, instead of giving nonsense.
    conn.pragma_update(None, "cell_size_check", true)?;
    // With a write-ahead log, NORMAL syncs at checkpoints only. A commit is in the system's page cache: `kill -9`
    // of this process loses nothing. A power cut may lose the last commits (what came since the last checkpoint
    // at most) and never breaks the file. FULL would add an fsync, milliseconds, to each of the two writes that
    // every answer waits for; records of a laptop's runs are not worth that.
    conn.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(conn)
}

/// Switches the file to a write-ahead log, with which readers never wait for the writer, nor the writer for readers.
fn use_wal(conn: &Connection, patience: Duration) -> rusqlite::Result<()> {
    // The change needs the file for itself, and SQLite does not always wait for that as the busy timeout says.
    let until = Instant::now() + patience;
    loop {
        match conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())) {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < until =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            result => return result,
        }
    }
}

/// Makes the folder (0700) and the file (0600) where they are missing. It holds what callers ran and what came
/// of it: an existing file that others may read is closed to them. SQLite gives its side files the same mode.
fn make_private(path: &Path) -> Result<(), OpenError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|source| OpenError::Folder { path: folder.to_owned(), source })?;
    }
    let close = || -> io::Result<()> {
        let options = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        if options.metadata()?.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(path, Permissions::from_mode(0o600))?;
        }
        Ok(())
    };
    close().map_err(|source| OpenError::File { path: path.to_owned(), source })
}
