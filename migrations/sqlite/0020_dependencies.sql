-- What hangs behind what, as people say it; it goes above what neighbours and forwarding tables tell.
CREATE TABLE device_parent (
    device_id INTEGER PRIMARY KEY REFERENCES device(id) ON DELETE CASCADE,
    parent_id INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE
) STRICT;

-- Devices that were silent because something before them was: they stand on its ticket, not on tickets of their own.
CREATE TABLE hidden (
    id INTEGER PRIMARY KEY,
    device_id INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
    parent_id INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
    since INTEGER NOT NULL,
    until INTEGER
) STRICT;
CREATE UNIQUE INDEX hidden_one_open ON hidden (device_id) WHERE until IS NULL;
CREATE INDEX hidden_parent ON hidden (parent_id, since);

-- A ticket that turned out to be another one's.
ALTER TABLE ticket ADD COLUMN merged_into INTEGER REFERENCES ticket(id) ON DELETE SET NULL;
CREATE INDEX ticket_merged ON ticket (merged_into);
-- What concerns a branch as a whole has one open ticket too.
CREATE UNIQUE INDEX ticket_one_open_of_site ON ticket (site_id, class, component)
    WHERE device_id IS NULL AND status NOT IN ('resolved', 'closed', 'cancelled') AND class <> 'reported';
