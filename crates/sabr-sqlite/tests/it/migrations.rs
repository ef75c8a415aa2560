use sabr_sqlite::{Database, Error, Migration};

const ONE: Migration = Migration::new("0001_a", "CREATE TABLE a (x INTEGER)");
const TWO: Migration = Migration::new("0002_b", "CREATE TABLE b (x INTEGER)");
const BROKEN: Migration =
    Migration::new("0002_b", "CREATE TABLE b (x INTEGER); CREATE TABLE a (x)");
const CHANGED: Migration = Migration::new("0001_a", "CREATE TABLE a (y INTEGER)");

fn open(folder: &tempfile::TempDir, migrations: &[Migration]) -> Result<Database, Error> {
    Database::options(folder.path().join("test.db"))
        .migrations(migrations)
        .open()
}

async fn tables(db: &Database) -> Vec<String> {
    let tables = db
        .read(|conn| {
            let mut statement = conn
                .prepare("SELECT name FROM sqlite_schema WHERE name IN ('a', 'b') ORDER BY name")?;
            let names = statement.query_map([], |row| row.get(0))?;
            Ok::<_, Error>(names.collect::<Result<_, _>>()?)
        })
        .await
        .unwrap();
    db.close().await.unwrap();
    tables
}

#[tokio::test]
async fn each_is_applied_once_in_order() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(tables(&open(&folder, &[ONE]).unwrap()).await, ["a"]);
    assert_eq!(
        tables(&open(&folder, &[ONE, TWO]).unwrap()).await,
        ["a", "b"]
    );
    assert_eq!(
        tables(&open(&folder, &[ONE, TWO]).unwrap()).await,
        ["a", "b"]
    );
}

#[tokio::test]
async fn one_that_fails_leaves_the_database_as_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let error = open(&folder, &[ONE, BROKEN]).unwrap_err();
    assert!(error.is_migration());
    assert!(error.to_string().contains("0002_b"), "{error}");
    assert_eq!(tables(&open(&folder, &[ONE]).unwrap()).await, ["a"]);
}

#[test]
fn one_that_changed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(&folder, &[ONE]).unwrap());
    let error = open(&folder, &[CHANGED]).unwrap_err();
    assert!(error.is_migration());
    assert!(error.to_string().contains("restore its text"), "{error}");
    assert!(open(&folder, &[TWO, ONE]).unwrap_err().is_migration());
}

/// A program and a library each have a set of migrations, and neither knows the set of the other.
#[tokio::test]
async fn two_sets_grow_independently() {
    let folder = tempfile::tempdir().unwrap();
    let library = |sql: &str| Migration::owned("library/1".to_owned(), sql.to_owned());
    let open = |program: &[Migration], library: &[Migration]| {
        Database::options(folder.path().join("test.db"))
            .migrations(program)
            .migrations(library)
            .open()
    };
    open(&[ONE], &[]).unwrap().close().await.unwrap();
    let first = library("CREATE TABLE jobs (x)");
    open(&[ONE], std::slice::from_ref(&first))
        .unwrap()
        .close()
        .await
        .unwrap();
    let more = [
        first.clone(),
        Migration::new("library/2", "ALTER TABLE jobs ADD y"),
    ];
    let db = open(&[ONE, TWO], &more).unwrap();
    assert_eq!(tables(&db).await, ["a", "b"]);
    // The order of the sets does not matter once they are applied.
    open(&more, &[ONE, TWO]).unwrap().close().await.unwrap();
    let changed = open(&[ONE, TWO], &[library("CREATE TABLE other (x)")]).unwrap_err();
    assert!(
        changed.to_string().contains("restore its text"),
        "{changed}"
    );
    let missing = open(&[ONE, TWO], &[]).unwrap_err();
    assert!(missing.to_string().contains("library/1"), "{missing}");
}

#[test]
fn two_migrations_of_one_name_are_refused_unless_they_are_the_same() {
    let open = |other: &'static str| {
        Database::in_memory()
            .migrations([ONE])
            .migrations([Migration::new("0001_a", other)])
            .open()
    };
    assert!(open("CREATE TABLE a (x INTEGER)").is_ok());
    let error = open("CREATE TABLE c (x)").unwrap_err();
    assert!(error.is_migration());
    assert!(error.to_string().contains("rename one of them"), "{error}");
}

#[test]
fn one_that_was_put_before_an_applied_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(&folder, &[TWO]).unwrap());
    assert!(open(&folder, &[ONE, TWO]).unwrap_err().is_migration());
}

#[test]
fn a_database_of_a_newer_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(&folder, &[ONE, TWO]).unwrap());
    let error = open(&folder, &[ONE]).unwrap_err();
    assert!(error.is_migration());
    assert!(
        error.to_string().contains("start the newer program"),
        "{error}"
    );
}

/// A migration that fails changes nothing, even if its text contains a `COMMIT`.
#[test]
fn a_migration_cannot_commit_half_of_itself() {
    const M: &[Migration] = &[Migration::new(
        "0001",
        "CREATE TABLE a (x); COMMIT; CREATE TABLE b (x); BOOM",
    )];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.db");
    assert!(Database::options(&path).migrations(M).open().is_err());
    let other = rusqlite::Connection::open(&path).unwrap();
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name IN ('a', 'b')";
    let tables: i64 = other.query_row(sql, [], |r| r.get(0)).unwrap();
    assert_eq!(tables, 0);
}

/// Why: version control may change the line endings of a migration.
#[test]
fn line_endings_do_not_change_a_migration() {
    const A: &[Migration] = &[Migration::new(
        "1",
        "CREATE TABLE a (x);\nCREATE TABLE b (x)",
    )];
    const B: &[Migration] = &[Migration::new(
        "1",
        "CREATE TABLE a (x);\r\nCREATE TABLE b (x)",
    )];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.db");
    drop(Database::options(&path).migrations(A).open().unwrap());
    Database::options(&path).migrations(B).open().unwrap();
}

/// After a rename SQLite leaves a transaction open, in which a checkpoint fails.
#[test]
fn a_migration_may_rename_a_table() {
    const RENAMED: &[Migration] = &[
        ONE,
        Migration::new("0002", "CREATE TABLE b (x); ALTER TABLE b RENAME TO c"),
    ];
    let folder = tempfile::tempdir().unwrap();
    open(&folder, RENAMED).unwrap();
    let folder = tempfile::tempdir().unwrap();
    drop(open(&folder, &[ONE]).unwrap());
    open(&folder, RENAMED).unwrap();
}
