-- Times in which failures are expected: of a device, of a branch, of everything.
CREATE TABLE maintenance (
    id INTEGER PRIMARY KEY,
    site_id INTEGER REFERENCES site(id) ON DELETE CASCADE,
    device_id INTEGER REFERENCES device(id) ON DELETE CASCADE,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    weekly INTEGER NOT NULL,            -- 1: every week at the same local time of the branch
    reason TEXT NOT NULL,
    planned_by TEXT NOT NULL,
    planned_at INTEGER NOT NULL,
    ended_at INTEGER                    -- taken back then
) STRICT;
CREATE INDEX maintenance_end ON maintenance (ends_at);
