-- The service level of tickets: hours of a branch, days that differ, targets. Clocks are computed, never stored.

-- model::Hours as JSON; empty: Monday to Friday, 9 to 18.
ALTER TABLE site ADD COLUMN hours TEXT;

CREATE TABLE calendar_day (
    scope INTEGER NOT NULL,             -- a branch; 0: all of them
    day TEXT NOT NULL,                  -- 2026-11-04
    kind TEXT NOT NULL,                 -- off, short, working
    note TEXT NOT NULL,
    imported INTEGER NOT NULL,          -- 1: of a production calendar
    PRIMARY KEY (scope, day, imported)
) STRICT;

-- Years whose production calendar was imported: it replaces the built-in one.
CREATE TABLE calendar_year (
    year INTEGER PRIMARY KEY,
    imported_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sla_target (
    priority INTEGER PRIMARY KEY,       -- 1 to 5
    response_minutes INTEGER NOT NULL,
    restore_minutes INTEGER NOT NULL
) STRICT;

-- Waiting says now for whom.
UPDATE ticket SET status = 'waiting-user' WHERE status = 'waiting';
UPDATE ticket_event SET body = 'waiting-user' WHERE kind = 'status' AND body = 'waiting';
