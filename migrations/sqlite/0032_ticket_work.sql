-- Work on tickets: files, links (the smaller id first), notes of what helps per model, with their steps.
CREATE TABLE ticket_file (
    id INTEGER PRIMARY KEY,
    ticket_id INTEGER NOT NULL REFERENCES ticket(id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    name TEXT NOT NULL,
    mime TEXT NOT NULL,                 -- told by the bytes, never by the sender
    size INTEGER NOT NULL,
    content BLOB NOT NULL
) STRICT;
CREATE INDEX ticket_file_ticket ON ticket_file (ticket_id);

CREATE TABLE ticket_link (
    ticket_id INTEGER NOT NULL REFERENCES ticket(id) ON DELETE CASCADE,
    other_id INTEGER NOT NULL REFERENCES ticket(id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    PRIMARY KEY (ticket_id, other_id)
) STRICT;

-- What helps with a model: ordered actions, one a line.
CREATE TABLE knowledge_note (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    vendor TEXT NOT NULL,               -- lower case; '' any
    model TEXT NOT NULL,                -- lower case; '*' at the end matches the rest; '' any
    body TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    archived INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE ticket_step (
    ticket_id INTEGER NOT NULL REFERENCES ticket(id) ON DELETE CASCADE,
    note_id INTEGER NOT NULL REFERENCES knowledge_note(id),
    step INTEGER NOT NULL,
    outcome TEXT NOT NULL,              -- worked, no, other
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    PRIMARY KEY (ticket_id, note_id, step)
) STRICT;
