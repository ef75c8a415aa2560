-- Times are milliseconds since 1970-01-01T00:00:00Z; ids are the 16 bytes of a UUID.

CREATE TABLE users (
    id   BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

-- The one local person, until there are accounts.
INSERT INTO users (id, name) VALUES (x'019a0000000070008000000000000001', 'local');

CREATE TABLE todos (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    title        TEXT    NOT NULL,
    notes        TEXT,
    completed_at INTEGER,
    position     REAL    NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX todos_in_order ON todos (position, id);

CREATE TABLE items (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    todo_id      BLOB    NOT NULL REFERENCES todos (id) ON DELETE CASCADE,
    title        TEXT    NOT NULL,
    completed_at INTEGER,
    position     REAL    NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX items_in_order ON items (todo_id, position, id);
