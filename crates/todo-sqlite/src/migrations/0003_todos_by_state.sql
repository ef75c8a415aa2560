-- A page of the todos that are (not) completed is read by an index, however few of them there are among how many
-- others. Each todo is in one of the two.

CREATE INDEX todos_open_in_order ON todos (position, id) WHERE completed_at IS NULL;
CREATE INDEX todos_completed_in_order ON todos (position, id) WHERE completed_at IS NOT NULL;
