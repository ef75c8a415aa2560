//! Reads values from columns.

use jiff::Timestamp;
use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Error, Result, Row};
use todo_core::Order;
use uuid::Uuid;

pub(crate) fn uuid(row: &Row<'_>, column: usize) -> Result<Uuid> {
    Ok(Uuid::from_bytes(row.get(column)?))
}

pub(crate) fn time(row: &Row<'_>, column: usize) -> Result<Timestamp> {
    timestamp(column, row.get(column)?)
}

pub(crate) fn time_option(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>> {
    row.get::<_, Option<i64>>(column)?
        .map(|millisecond| timestamp(column, millisecond))
        .transpose()
}

pub(crate) fn order(row: &Row<'_>, column: usize) -> Result<Order> {
    let value = row.get(column)?;
    Order::new(value)
        .map_err(|error| Error::FromSqlConversionFailure(column, Type::Real, error.into()))
}

fn timestamp(column: usize, millisecond: i64) -> Result<Timestamp> {
    Timestamp::from_millisecond(millisecond).map_err(|_| {
        let error = FromSqlError::OutOfRange(millisecond);
        Error::FromSqlConversionFailure(column, Type::Integer, error.into())
    })
}
