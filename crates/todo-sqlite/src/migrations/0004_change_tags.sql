-- A tag for each change, drawn at random when the change is written. After a restore the numbers go on
-- where the backup ended; a position is known to belong to the log before it by its tag.
-- The kind becomes a number: to compare it with seven texts cost more than a microsecond an entry.

CREATE TABLE tagged_changes (
    number  INTEGER NOT NULL PRIMARY KEY,
    tag     INTEGER NOT NULL DEFAULT (random() & 0xffffffff),
    kind    INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 7),
    todo_id BLOB    CHECK (length(todo_id) = 16),
    item_id BLOB    CHECK (length(item_id) = 16)
) STRICT;

INSERT INTO tagged_changes (number, kind, todo_id, item_id)
SELECT number,
       CASE kind
           WHEN 'todo created' THEN 1
           WHEN 'todo changed' THEN 2
           WHEN 'todo deleted' THEN 3
           WHEN 'item created' THEN 4
           WHEN 'item changed' THEN 5
           WHEN 'item deleted' THEN 6
           WHEN 'reset'        THEN 7
       END,
       todo_id,
       item_id
FROM changes
ORDER BY number;

DROP TABLE changes;
ALTER TABLE tagged_changes RENAME TO changes;
