//! Which files are accepted as a database of this application. All others are refused and left
//! untouched.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::SystemTime;

use rusqlite::Connection;
use sabr_sqlite::{Database, Error, Migration, Options, rusqlite};
use tempfile::TempDir;

use crate::database::{MIGRATIONS, insert, texts};

pub(crate) const ID: u32 = 0x5465_7374;

/// Content and modification time of files, by name.
type Files = BTreeMap<PathBuf, (Vec<u8>, SystemTime)>;

pub(crate) fn files(folder: &TempDir) -> Files {
    let entries = fs::read_dir(folder.path()).unwrap();
    let file = |path: PathBuf| {
        let written = fs::metadata(&path).unwrap().modified().unwrap();
        // Why the index is left out: SQLite marks the readers of this process in it.
        let is_index = path.to_str().unwrap().ends_with("-shm");
        let content = match path.is_file() && !is_index {
            true => fs::read(&path).unwrap(),
            false => Vec::new(),
        };
        (path, (content, written))
    };
    entries.map(|entry| file(entry.unwrap().path())).collect()
}

pub(crate) fn names(folder: &TempDir) -> Vec<String> {
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    files(folder).keys().map(name).collect()
}

pub(crate) fn marked(path: &Path) -> Options {
    Database::options(path)
        .application_id(ID)
        .migrations(MIGRATIONS)
}

/// The options of a program version that had no application id.
fn unmarked(path: &Path) -> Options {
    Database::options(path).migrations(MIGRATIONS)
}

fn sql(path: &Path, sql: &str) -> Connection {
    let conn = Connection::open(path).unwrap();
    conn.execute_batch(sql).unwrap();
    conn
}

fn application_id(path: &Path) -> u32 {
    let conn = Connection::open(path).unwrap();
    let id = conn.pragma_query_value(None, "application_id", |row| row.get::<_, i32>(0));
    id.unwrap().cast_unsigned()
}

/// Asserts that the file is refused with this message, and that no file of the folder has changed.
#[track_caller]
fn refused(folder: &TempDir, options: Options, words: &str) -> Error {
    let before = files(folder);
    let error = options.open().unwrap_err();
    assert!(error.to_string().contains(words), "{error}");
    assert_eq!(files(folder), before, "{error}");
    error
}

#[test]
fn a_database_of_another_program_is_refused_untouched() {
    for (made_by, words) in [
        ("CREATE TABLE recipes (name)", "belongs to another program"),
        (
            "CREATE TABLE notes (text TEXT)",
            "belongs to another program",
        ),
        ("CREATE VIEW v AS SELECT 1", "belongs to another program"),
        (
            "PRAGMA application_id = 7; CREATE TABLE recipes (name)",
            "0x00000007",
        ),
        ("PRAGMA application_id = -2; VACUUM", "0xfffffffe"),
        (
            "PRAGMA journal_mode = wal; CREATE TABLE recipes (name)",
            "belongs to another program",
        ),
        (
            "CREATE TABLE sabr_migrations (x); INSERT INTO sabr_migrations VALUES (1)",
            "can't be read",
        ),
        (
            "CREATE TABLE sabr_migrations (position INTEGER, name TEXT, sql TEXT);
             INSERT INTO sabr_migrations VALUES (0, '0001_recipes', 'CREATE TABLE recipes (name)');
             CREATE TABLE recipes (name)",
            "belongs to another program",
        ),
        (
            "CREATE TABLE sabr_migrations (position INTEGER, name TEXT, sql TEXT); CREATE TABLE x (y)",
            "belongs to another program",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("their.db");
        drop(sql(&path, made_by));
        let error = refused(&folder, marked(&path), words);
        assert!(error.is_refused(), "{made_by}: {error}");
        assert!(error.to_string().contains("their.db"), "{error}");
    }
}

#[test]
fn what_is_no_database_is_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.txt");
    fs::write(&path, "Dear reader, this is no database. ".repeat(100)).unwrap();
    assert!(refused(&folder, marked(&path), "not an SQLite database").is_refused());
    fs::write(&path, "short").unwrap();
    assert!(refused(&folder, marked(&path), "not an SQLite database").is_refused());
    let inner = folder.path().join("folder.db");
    fs::create_dir(&inner).unwrap();
    assert!(refused(&folder, marked(&inner), "not a regular file").is_refused());
}

const PATH: &str = "SABR_SQLITE_IDENTITY_PATH";
const SQL: &str = "SABR_SQLITE_IDENTITY_SQL";

/// Not a test by itself. Another test runs it as a process that has a database open.
#[test]
fn child_that_opens_a_database() {
    let Some(path) = std::env::var_os(PATH) else {
        return;
    };
    match std::env::var(SQL) {
        Ok(made_by) => {
            let _open = sql(Path::new(&path), &made_by);
            println!("\nopen");
            std::io::stdin().read_line(&mut String::new()).unwrap();
        }
        Err(_) => println!(
            "\nis new: {}",
            marked(Path::new(&path)).open().unwrap().is_new()
        ),
    }
}

fn child(path: &Path, made_by: Option<&str>) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "--exact",
            "--nocapture",
            "identity::child_that_opens_a_database",
        ])
        .env(PATH, path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    if let Some(made_by) = made_by {
        command.env(SQL, made_by);
    }
    command.spawn().unwrap()
}

/// Reads the output of `child` up to a line with this prefix, and returns the rest of the line.
fn said(child: &mut Child, begin: &str) -> String {
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    let mut lines = lines.map_while(Result::ok);
    lines
        .find_map(|line| line.strip_prefix(begin).map(str::to_owned))
        .unwrap()
}

#[test]
fn a_database_that_another_program_has_open_is_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("their.db");
    let mut child = child(
        &path,
        Some("PRAGMA journal_mode = wal; CREATE TABLE recipes (name)"),
    );
    said(&mut child, "open");
    assert_eq!(names(&folder), ["their.db", "their.db-shm", "their.db-wal"]);
    let index = fs::read(folder.path().join("their.db-shm")).unwrap();
    refused(&folder, marked(&path), "belongs to another program");
    assert_eq!(fs::read(folder.path().join("their.db-shm")).unwrap(), index);
    // The killed process leaves its WAL and index behind.
    child.kill().unwrap();
    child.wait().unwrap();
    refused(&folder, marked(&path), "belongs to another program");
    assert_eq!(fs::read(folder.path().join("their.db-shm")).unwrap(), index);
}

/// The index can be missing after a loss of power on some file systems, or if only two of the three
/// files were copied.
#[test]
fn a_wal_without_its_index_is_read_untouched() {
    let live = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("their.db");
    let _open = sql(
        &live.path().join("their.db"),
        "PRAGMA journal_mode = wal; CREATE TABLE recipes (name)",
    );
    for name in ["their.db", "their.db-wal"] {
        fs::copy(live.path().join(name), folder.path().join(name)).unwrap();
    }
    refused(&folder, marked(&path), "belongs to another program");
}

/// Why not left to SQLite: without write access to the index, it takes ten seconds to give up on
/// the first of these WALs.
#[test]
fn a_wal_that_holds_nothing_is_passed_over() {
    let live = tempfile::tempdir().unwrap();
    let other = live.path().join("other.db");
    let _open = sql(
        &other,
        "PRAGMA journal_mode = wal; CREATE TABLE recipes (name)",
    );
    let mut header = fs::read(live.path().join("other.db-wal")).unwrap();
    header.truncate(32);
    for wal in [header, b"nothing that SQLite knows".repeat(100)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("their.db");
        drop(sql(
            &path,
            "PRAGMA journal_mode = wal; CREATE TABLE recipes (name)",
        ));
        fs::write(folder.path().join("their.db-wal"), wal).unwrap();
        fs::write(folder.path().join("their.db-shm"), [0; 32768]).unwrap();
        refused(&folder, marked(&path), "belongs to another program");
    }
}

/// Opening the file normally would roll the journal back, which changes the file.
#[test]
fn a_database_with_a_hot_journal_is_refused_untouched() {
    let live = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let theirs = live.path().join("their.db");
    let conn = sql(
        &theirs,
        "CREATE TABLE recipes (name); PRAGMA cache_size = 1; BEGIN",
    );
    let spill = "INSERT INTO recipes SELECT hex(randomblob(500)) FROM
        (WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 500) SELECT x FROM n)";
    conn.execute_batch(spill).unwrap();
    for name in ["their.db", "their.db-journal"] {
        fs::copy(live.path().join(name), folder.path().join(name)).unwrap();
    }
    let path = folder.path().join("their.db");
    assert!(
        fs::metadata(folder.path().join("their.db-journal"))
            .unwrap()
            .len()
            > 0
    );
    assert!(refused(&folder, marked(&path), "their.db").is_refused());
}

/// Why: SQLite would delete the orphaned file.
#[test]
fn a_log_without_its_database_is_refused_untouched() {
    for (suffix, is_there) in [
        ("-wal", true),
        ("-wal", false),
        ("-journal", true),
        ("-journal", false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("todo.db");
        if is_there {
            fs::write(&path, "").unwrap();
        }
        fs::write(
            folder.path().join(format!("todo.db{suffix}")),
            "all that is left",
        )
        .unwrap();
        let error = refused(&folder, marked(&path), "may hold data");
        assert!(error.to_string().contains(suffix), "{error}");
    }
}

#[test]
fn a_database_that_lost_its_tables_is_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("todo.db");
    drop(sql(&path, &format!("PRAGMA application_id = {ID}; VACUUM")));
    assert!(refused(&folder, marked(&path), "without any table").is_refused());
    // If the file was copied while an earlier version had it open, the copy looks like this too.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("todo.db");
    drop(sql(&path, "PRAGMA journal_mode = wal"));
    assert!(refused(&folder, marked(&path), "restore a backup").is_refused());
}

#[tokio::test]
async fn a_database_that_lost_a_table_or_a_column_is_refused_untouched() {
    for (change, lost) in [
        ("DROP TABLE notes", "the table notes"),
        (
            "ALTER TABLE notes RENAME COLUMN text TO words",
            "the column text of the table notes",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("todo.db");
        marked(&path).open().unwrap().close().await.unwrap();
        drop(sql(&path, change));
        assert!(refused(&folder, marked(&path), lost).is_refused());
    }
}

#[tokio::test]
async fn a_newer_or_changed_version_is_refused_untouched() {
    const NEWER: Migration = Migration::new("0002_more", "CREATE TABLE more (x)");
    const CHANGED: &[Migration] = &[Migration::new(
        "0001_notes",
        "CREATE TABLE notes (text TEXT)",
    )];
    for id in [ID, 0] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("todo.db");
        let newer = unmarked(&path).migrations([NEWER]);
        let newer = if id == ID {
            newer.application_id(ID)
        } else {
            newer
        };
        let db = newer.open().unwrap();
        // Refused with a WAL of an open database, and without a WAL.
        let error = refused(&folder, marked(&path), "start the newer program");
        assert!(error.is_migration());
        db.close().await.unwrap();
        refused(&folder, marked(&path), "start the newer program");
        let changed = Database::options(&path)
            .migrations(CHANGED)
            .application_id(ID);
        assert!(refused(&folder, changed, "restore its text").is_migration());
    }
}

#[tokio::test]
async fn a_database_of_an_earlier_version_gets_the_id() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("todo.db");
    let db = unmarked(&path).open().unwrap();
    insert(&db, "kept").await.unwrap();
    db.close().await.unwrap();
    assert_eq!(application_id(&path), 0);
    let db = marked(&path).open().unwrap();
    assert_eq!(texts(&db).await, ["kept"]);
    assert!(!db.is_new());
    db.close().await.unwrap();
    assert_eq!(application_id(&path), ID);
}

/// The earlier version was killed while its tables were in the WAL only.
#[tokio::test]
async fn a_killed_earlier_version_left_its_tables_in_the_wal() {
    let live = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("todo.db");
    let theirs = live.path().join("todo.db");
    let conn = sql(
        &theirs,
        "PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0",
    );
    let db = unmarked(&theirs).open().unwrap();
    drop(db);
    for name in ["todo.db", "todo.db-wal"] {
        fs::copy(live.path().join(name), folder.path().join(name)).unwrap();
    }
    drop(conn);
    let db = marked(&path).open().unwrap();
    assert_eq!(texts(&db).await, [""; 0]);
}

#[test]
fn an_empty_file_is_ours_to_fill_and_keeps_its_mode() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("todo.db");
    fs::write(&path, "").unwrap();
    set_mode(&path, 0o640);
    let db = marked(&path).open().unwrap();
    assert!(db.is_new());
    assert_eq!(mode(&path), 0o640);
    assert_eq!(application_id(&path), ID);
}

#[tokio::test]
async fn a_new_file_is_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("todo.db");
    let db = marked(&path).open().unwrap();
    insert(&db, "private").await.unwrap();
    assert!(db.is_new());
    for name in names(&folder) {
        assert_eq!(mode(&folder.path().join(&name)), 0o600, "{name}");
    }
    assert_eq!(names(&folder), ["todo.db", "todo.db-shm", "todo.db-wal"]);
}

#[cfg(unix)]
#[test]
fn a_link_to_a_missing_file_makes_that_file() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let path = folder.path().join("todo.db");
    let real = elsewhere.path().join("real.db");
    std::os::unix::fs::symlink(&real, &path).unwrap();
    drop(marked(&path).open().unwrap());
    assert!(real.exists());
    drop(marked(&path).open().unwrap());
    assert_eq!(names(&folder), ["todo.db"]);
}

#[test]
fn several_processes_that_make_one_file_at_once_share_it() {
    for is_there in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("todo.db");
        if is_there {
            fs::write(&path, "").unwrap();
        }
        let children: Vec<_> = (0..8).map(|_| child(&path, None)).collect();
        let answers: Vec<_> = children
            .into_iter()
            .map(|mut child| {
                let answer = said(&mut child, "is new: ");
                assert!(child.wait().unwrap().success());
                answer
            })
            .collect();
        let new = answers.iter().filter(|answer| *answer == "true").count();
        assert_eq!(new, 1, "{answers:?}");
        assert!(
            names(&folder)
                .iter()
                .all(|name| name.starts_with("todo.db"))
        );
    }
}

/// It makes neither a file of that name nor a temporary file.
#[test]
fn a_migration_that_fails_makes_no_file() {
    const BROKEN: &[Migration] = &[Migration::new("0002", "CREATE TABLE notes (x)")];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("todo.db");
    let error = refused(
        &folder,
        marked(&path).migrations(BROKEN),
        "as it was before",
    );
    assert!(error.is_migration());
    fs::write(&path, "").unwrap();
    refused(
        &folder,
        marked(&path).migrations(BROKEN),
        "as it was before",
    );
    // An existing file is not changed either, not even by the migrations before the one that fails.
    fs::remove_file(&path).unwrap();
    drop(sql(&path, "PRAGMA user_version = 1"));
    refused(
        &folder,
        unmarked(&path).migrations(BROKEN),
        "as it was before",
    );
}

#[tokio::test]
async fn a_copy_of_the_file_alone_has_all_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("todo.db");
    let copy = folder.path().join("copy.db");
    let db = marked(&path).open().unwrap();
    insert(&db, "recent, and perhaps still in the WAL")
        .await
        .unwrap();
    fs::copy(&path, &copy).unwrap();
    let copied = marked(&copy).open().unwrap();
    texts(&copied).await;
    assert!(!copied.is_new());
    // This also holds after a version with more migrations has opened the database.
    const MORE: &[Migration] = &[Migration::new("0002", "CREATE TABLE more (x)")];
    db.close().await.unwrap();
    let _db = marked(&path).migrations(MORE).open().unwrap();
    fs::copy(&path, &copy).unwrap();
    let conn =
        Connection::open_with_flags(&copy, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let count = conn.query_row("SELECT count(*) FROM more", [], |row| row.get::<_, i64>(0));
    assert_eq!(count, Ok(0));
}

#[cfg(unix)]
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[cfg(unix)]
pub(crate) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_file_with_the_version_of_another_program_is_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    drop(sql(&path, "PRAGMA user_version = 7"));
    refused(&folder, marked(&path), "user version 7");
}

/// A checkpoint writes pages in order, and a loss of power may keep only the first of them. The
/// header in the first page then counts more pages than the file has.
#[tokio::test]
async fn a_file_that_was_cut_off_in_a_checkpoint_is_recovered_from_its_wal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let db = marked(&path).open().unwrap();
    let before = fs::read(&path).unwrap();
    db.write(|tx| {
        for n in 0..500 {
            tx.execute("INSERT INTO notes VALUES (?1 || hex(zeroblob(100)))", [n])?;
        }
        Ok::<_, Error>(())
    })
    .await
    .unwrap();
    let wal = fs::read(folder.path().join("test.db-wal")).unwrap();
    db.close().await.unwrap();
    let after = fs::read(&path).unwrap();
    assert!(after.len() > before.len());

    let cut = [&after[..4096], &before[4096..]].concat();
    fs::write(&path, cut).unwrap();
    fs::write(folder.path().join("test.db-wal"), wal).unwrap();
    let db = marked(&path).open().unwrap();
    let count = db.read(|conn| {
        let count = conn.query_row("SELECT count(*) FROM notes", [], |row| row.get::<_, i64>(0));
        Ok::<_, Error>(count?)
    });
    assert_eq!(count.await.unwrap(), 500);
    db.close().await.unwrap();
}
