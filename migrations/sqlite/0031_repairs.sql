-- Repairs at a service centre: one case a row, every step kept, never deleted.
CREATE TABLE rma (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,        -- "R-2026-0001"
    asset_id INTEGER NOT NULL REFERENCES asset(id),
    site_id INTEGER NOT NULL REFERENCES site(id),
    ticket_id INTEGER REFERENCES ticket(id),
    centre_id INTEGER REFERENCES service_centre(id),
    state TEXT NOT NULL,                -- RmaState
    paid_by TEXT NOT NULL,              -- warranty, paid, own
    fault TEXT NOT NULL,
    pages INTEGER,                      -- the page counter at the failure
    request_number TEXT NOT NULL DEFAULT '',
    tracking TEXT NOT NULL DEFAULT '',
    sent_on TEXT,
    promised_on TEXT,
    returned_on TEXT,
    outcome TEXT,                       -- repaired, replaced, refused
    outcome_note TEXT NOT NULL DEFAULT '',
    old_serial TEXT,
    new_serial TEXT,
    cost INTEGER,
    loaner_id INTEGER REFERENCES asset(id),
    extended_days INTEGER NOT NULL DEFAULT 0,
    asset_state TEXT NOT NULL,          -- what the asset was before, to be restored
    ticket_status TEXT,                 -- what the ticket was before it waited
    reminded_on TEXT,                   -- the day of the last reminder
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    closed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX rma_one_open ON rma (asset_id) WHERE state NOT IN ('closed', 'cancelled');
CREATE INDEX rma_ticket ON rma (ticket_id);

CREATE TABLE rma_event (
    id INTEGER PRIMARY KEY,
    rma_id INTEGER NOT NULL REFERENCES rma(id),
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    kind TEXT NOT NULL,                 -- opened, a state, note, edited, lent, loan-back, reminder
    body TEXT NOT NULL
) STRICT;
CREATE INDEX rma_event_rma ON rma_event (rma_id, at);
