-- What the network shows beside the documents: the newest map of a branch, its links over time, and where the two differ.
CREATE TABLE observed_map (
    site_id INTEGER PRIMARY KEY REFERENCES site(id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    body TEXT NOT NULL                  -- topology::Map as JSON, devices by their numbers
) STRICT;

CREATE TABLE observed_link (
    site_id INTEGER NOT NULL REFERENCES site(id) ON DELETE CASCADE,
    key TEXT NOT NULL,                  -- both ends, the smaller first
    body TEXT NOT NULL,                 -- model::LinkRecord as JSON
    state TEXT NOT NULL,                -- live, aging, stale, last-known
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    PRIMARY KEY (site_id, key)
) STRICT;

CREATE TABLE finding (
    id INTEGER PRIMARY KEY,
    site_id INTEGER NOT NULL REFERENCES site(id),
    key TEXT NOT NULL,
    kind TEXT NOT NULL,                 -- DifferenceKind
    documented TEXT NOT NULL,
    observed TEXT NOT NULL,
    evidence TEXT NOT NULL,             -- JSON list of words
    permille INTEGER NOT NULL,             -- how sure
    device_id INTEGER REFERENCES device(id) ON DELETE SET NULL,
    jack_id INTEGER,
    suggestion TEXT,                    -- model::Suggestion as JSON
    state TEXT NOT NULL,                -- open, accepted, ignored, ordered, resolved
    ignored_until INTEGER,
    ticket_id INTEGER REFERENCES ticket(id) ON DELETE SET NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    decided_at INTEGER,
    decided_by TEXT
) STRICT;
CREATE UNIQUE INDEX finding_key ON finding (site_id, key);
CREATE INDEX finding_state ON finding (site_id, state);
