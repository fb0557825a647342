-- Everything the branch owns, polled or not, with its custodian, place, purchase and warranty; and who repairs it.

CREATE TABLE service_centre (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    phone TEXT NOT NULL DEFAULT '',
    email TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    hours TEXT NOT NULL DEFAULT '',
    brands TEXT NOT NULL DEFAULT '',    -- makers it serves, divided by commas
    note TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE asset (
    id INTEGER PRIMARY KEY,
    inventory TEXT UNIQUE,
    serial TEXT,
    kind TEXT NOT NULL,
    vendor TEXT NOT NULL DEFAULT '',
    model TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,                -- in-use, in-stock, in-repair, on-loan, written-off
    site_id INTEGER NOT NULL REFERENCES site(id),
    place TEXT NOT NULL DEFAULT '',
    store_id INTEGER REFERENCES stock_store(id),
    custodian TEXT NOT NULL DEFAULT '',
    bought_on TEXT,                     -- 2026-11-04
    price INTEGER,
    supplier TEXT NOT NULL DEFAULT '',
    document TEXT NOT NULL DEFAULT '',
    warranty_until TEXT,
    warranty_kind TEXT,                 -- carry-in, on-site
    centre_id INTEGER REFERENCES service_centre(id),
    device_id INTEGER UNIQUE REFERENCES device(id) ON DELETE SET NULL,
    note TEXT NOT NULL DEFAULT '',
    search TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX asset_site ON asset (site_id, state);
CREATE INDEX asset_serial ON asset (serial);

-- What happened to it; never edited.
CREATE TABLE asset_event (
    id INTEGER PRIMARY KEY,
    asset_id INTEGER NOT NULL REFERENCES asset(id),
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    kind TEXT NOT NULL,                 -- added, changed, and what the repair workflow writes
    body TEXT NOT NULL                  -- of a change: fields before and after, JSON
) STRICT;
CREATE INDEX asset_event_asset ON asset_event (asset_id, at);
