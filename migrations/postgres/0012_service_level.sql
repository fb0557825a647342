-- The service level of tickets: hours of a branch, days that differ, targets. Clocks are computed, never stored.

-- model::Hours as JSON; empty: Monday to Friday, 9 to 18.
ALTER TABLE site ADD COLUMN hours TEXT;

CREATE TABLE calendar_day (
    scope BIGINT NOT NULL,             -- a branch; 0: all of them
    day TEXT NOT NULL,                  -- 2026-11-04
    kind TEXT NOT NULL,                 -- off, short, working
    note TEXT NOT NULL,
    imported BIGINT NOT NULL,          -- 1: of a production calendar
    PRIMARY KEY (scope, day, imported)
);

-- Years whose production calendar was imported: it replaces the built-in one.
CREATE TABLE calendar_year (
    year BIGINT PRIMARY KEY,
    imported_at BIGINT NOT NULL
);

CREATE TABLE sla_target (
    priority BIGINT PRIMARY KEY,       -- 1 to 5
    response_minutes BIGINT NOT NULL,
    restore_minutes BIGINT NOT NULL
);

-- Waiting says now for whom.
UPDATE ticket SET status = 'waiting-user' WHERE status = 'waiting';
UPDATE ticket_event SET body = 'waiting-user' WHERE kind = 'status' AND body = 'waiting';
