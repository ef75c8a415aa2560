use sabr_sqlite::{Database, Error, Migration};

const ONE: Migration = Migration::new("0001_a", "CREATE TABLE a (x INTEGER)");
const TWO: Migration = Migration::new("0002_b", "CREATE TABLE b (x INTEGER)");
const BROKEN: Migration =
    Migration::new("0002_b", "CREATE TABLE b (x INTEGER); CREATE TABLE a (x)");
const CHANGED: Migration = Migration::new("0001_a", "CREATE TABLE a (y INTEGER)");

fn open(folder: &tempfile::TempDir, migrations: &'static [Migration]) -> Result<Database, Error> {
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
