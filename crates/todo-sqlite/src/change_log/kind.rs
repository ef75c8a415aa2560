use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

/// What an entry of the log records, and the number that stands for it in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    TodoCreated = 1,
    TodoChanged = 2,
    TodoDeleted = 3,
    ItemCreated = 4,
    ItemChanged = 5,
    ItemDeleted = 6,
    Reset = 7,
}

impl ChangeKind {
    const ALL: &[Self] = &[
        Self::TodoCreated,
        Self::TodoChanged,
        Self::TodoDeleted,
        Self::ItemCreated,
        Self::ItemChanged,
        Self::ItemDeleted,
        Self::Reset,
    ];
}

impl ToSql for ChangeKind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok((*self as i64).into())
    }
}

impl FromSql for ChangeKind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = value.as_i64()?;
        let kind = Self::ALL.iter().find(|kind| **kind as i64 == number);
        kind.copied().ok_or(FromSqlError::OutOfRange(number))
    }
}
