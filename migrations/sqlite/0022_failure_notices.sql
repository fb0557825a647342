-- What is told of failures: one group a branch, gathered for a little, then released to whoever carries it to people.
CREATE TABLE notice_group (
    id INTEGER PRIMARY KEY,
    site_id INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
    opened_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    released_at INTEGER
) STRICT;
CREATE UNIQUE INDEX notice_group_one_open ON notice_group (site_id) WHERE released_at IS NULL;
CREATE INDEX notice_group_released ON notice_group (site_id, released_at);

CREATE TABLE notice_line (
    id INTEGER PRIMARY KEY,
    group_id INTEGER NOT NULL REFERENCES notice_group(id) ON DELETE CASCADE,
    ticket_id INTEGER NOT NULL REFERENCES ticket(id) ON DELETE CASCADE,
    said TEXT NOT NULL,                 -- failed, again, well
    at INTEGER NOT NULL,
    UNIQUE (group_id, ticket_id)
) STRICT;
CREATE INDEX notice_line_ticket ON notice_line (ticket_id);
