-- Two devices that turn out to be one, one that was wrongly joined, and the way back; page counters in epochs; jams.

-- Merged: the row and its history stay, the other device answers for both.
ALTER TABLE device ADD COLUMN merged_into INTEGER REFERENCES device(id);
-- Pages since the first reading, over every reset: page_offset + page_count.
ALTER TABLE device ADD COLUMN page_offset INTEGER NOT NULL DEFAULT 0;
CREATE INDEX device_merged_into ON device (merged_into);

-- A person said that this identifier is this device's, whoever else shows it.
ALTER TABLE device_identifier ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;

CREATE TABLE identity_change (
    id INTEGER PRIMARY KEY,
    device_id INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
    other_id INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
    kind TEXT NOT NULL,                 -- merge, split
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    undone_at INTEGER,
    undone_by TEXT,
    body TEXT NOT NULL                  -- what the way back needs, JSON
) STRICT;
CREATE INDEX identity_change_device ON identity_change (device_id);

-- The counter of one board from one reset to the next. Sums are never taken across.
CREATE TABLE page_epoch (
    device_id INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
    started_at INTEGER NOT NULL,
    why TEXT NOT NULL,                  -- first, reset, board
    first_value INTEGER NOT NULL,
    last_value INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    page_offset INTEGER NOT NULL,           -- of the device while this epoch lasts
    board TEXT,                         -- base MAC: tells a new board
    PRIMARY KEY (device_id, started_at)
) STRICT;

CREATE TABLE jam (
    device_id INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    pages INTEGER,                          -- page_offset + page_count at that moment
    detail TEXT NOT NULL,               -- the device's words, or ''
    PRIMARY KEY (device_id, at)
) STRICT;
