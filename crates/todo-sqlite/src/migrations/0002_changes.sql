-- What was changed, in the order of the commits. Each command writes here in its own transaction.

CREATE TABLE changes (
    number  INTEGER NOT NULL PRIMARY KEY,
    kind    TEXT    NOT NULL CHECK (kind IN (
        'todo created', 'todo changed', 'todo deleted',
        'item created', 'item changed', 'item deleted', 'reset'
    )),
    todo_id BLOB    CHECK (length(todo_id) = 16),
    item_id BLOB    CHECK (length(item_id) = 16)
) STRICT;

-- The numbers begin with the time, in milliseconds: those of a database that was made anew are not mistaken
-- for those of the one before.
INSERT INTO changes (number, kind) VALUES (CAST(unixepoch('subsec') * 1000 AS INTEGER), 'reset');
