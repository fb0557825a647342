-- Stores and their posted documents, what the catalogue and the suppliers must tell, the life of an order, replacements.

-- A place where consumables lie: a cupboard, a room, a central store.
CREATE TABLE stock_store (
    id INTEGER PRIMARY KEY,
    site_id INTEGER NOT NULL REFERENCES site(id),
    name TEXT NOT NULL,
    main INTEGER NOT NULL DEFAULT 0,    -- where goods of the branch arrive
    archived INTEGER NOT NULL DEFAULT 0,
    UNIQUE (site_id, name)
) STRICT;

-- Posted documents are never edited: a mistake is taken back by a reversal (invariant 10).
CREATE TABLE stock_document (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,                 -- receipt, issue, transfer, write-off, surplus, return, hand-over, count, reversal
    status TEXT NOT NULL,               -- draft, in-transit, posted, reversed, dropped
    store_id INTEGER NOT NULL REFERENCES stock_store(id),
    to_store_id INTEGER REFERENCES stock_store(id),
    order_id INTEGER REFERENCES purchase_order(id),
    device_id INTEGER REFERENCES device(id) ON DELETE SET NULL,
    supply_id INTEGER REFERENCES supply(id) ON DELETE SET NULL,
    reverses INTEGER REFERENCES stock_document(id),
    origin TEXT NOT NULL,               -- person, detection, order
    origin_key TEXT UNIQUE,             -- makes what we draft ourselves happen once
    matched_key TEXT UNIQUE,            -- the detected replacement it stands for
    note TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    posted_at INTEGER,
    posted_by TEXT,
    received_at INTEGER                 -- of a transfer at its other end
) STRICT;
CREATE INDEX stock_document_order ON stock_document (order_id);
CREATE INDEX stock_document_device ON stock_document (device_id);

CREATE TABLE stock_line (
    document_id INTEGER NOT NULL REFERENCES stock_document(id) ON DELETE CASCADE,
    line INTEGER NOT NULL,
    article_id INTEGER NOT NULL REFERENCES article(id),
    quantity INTEGER NOT NULL,          -- of a count: what was counted
    expected INTEGER,                   -- of a count: what the books said
    price INTEGER,                      -- net price of one, minor units
    PRIMARY KEY (document_id, line)
) STRICT, WITHOUT ROWID;

-- The books: only ever added to. On hand is the sum.
CREATE TABLE stock_move (
    id INTEGER PRIMARY KEY,
    document_id INTEGER NOT NULL REFERENCES stock_document(id),
    store_id INTEGER NOT NULL REFERENCES stock_store(id),
    article_id INTEGER NOT NULL REFERENCES article(id),
    delta INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX stock_move_article ON stock_move (article_id, store_id);
CREATE INDEX stock_move_document ON stock_move (document_id);

-- Used cartridges, counted apart: they come back by a return and leave by a hand-over.
CREATE TABLE stock_empty (
    id INTEGER PRIMARY KEY,
    document_id INTEGER NOT NULL REFERENCES stock_document(id),
    store_id INTEGER NOT NULL REFERENCES stock_store(id),
    article_id INTEGER NOT NULL REFERENCES article(id),
    delta INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX stock_empty_article ON stock_empty (article_id, store_id);

CREATE TABLE stock_reservation (
    id INTEGER PRIMARY KEY,
    store_id INTEGER NOT NULL REFERENCES stock_store(id),
    article_id INTEGER NOT NULL REFERENCES article(id),
    device_id INTEGER REFERENCES device(id) ON DELETE CASCADE,
    quantity INTEGER NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    released_at INTEGER
) STRICT;

ALTER TABLE article ADD COLUMN grade TEXT NOT NULL DEFAULT 'genuine';   -- genuine, compatible, refilled
ALTER TABLE article ADD COLUMN lead_days INTEGER;                       -- promised; the supplier's when empty
ALTER TABLE article ADD COLUMN pack INTEGER NOT NULL DEFAULT 1;         -- sold by so many pieces
ALTER TABLE article ADD COLUMN code_1c TEXT;
ALTER TABLE article ADD COLUMN barcode TEXT;
ALTER TABLE article ADD COLUMN discontinued INTEGER NOT NULL DEFAULT 0;
ALTER TABLE article_fit ADD COLUMN preference INTEGER NOT NULL DEFAULT 0;     -- the highest is taken first
ALTER TABLE article_fit ADD COLUMN yield_percent INTEGER NOT NULL DEFAULT 100; -- in this model, of the rated yield

ALTER TABLE supplier ADD COLUMN lead_days INTEGER NOT NULL DEFAULT 9;   -- until own orders teach better
ALTER TABLE supplier ADD COLUMN min_order INTEGER NOT NULL DEFAULT 0;   -- minor units, net
ALTER TABLE supplier ADD COLUMN auto_send INTEGER NOT NULL DEFAULT 0;   -- orders leave without a click
ALTER TABLE supplier ADD COLUMN auto_week_limit INTEGER;                -- minor units, net; none: never by itself
ALTER TABLE supplier ADD COLUMN webhook TEXT;                           -- instead of mail
ALTER TABLE supplier ADD COLUMN webhook_secret BLOB;              -- sealed; signs what goes to the webhook

ALTER TABLE purchase_order ADD COLUMN confirmed_at INTEGER;
ALTER TABLE purchase_order ADD COLUMN expected_at INTEGER;              -- promised or forecast day of arrival
ALTER TABLE purchase_order ADD COLUMN closed_at INTEGER;
ALTER TABLE purchase_order ADD COLUMN late_asked_at INTEGER;
ALTER TABLE purchase_order ADD COLUMN auto_note TEXT;                  -- why it did not leave by itself, JSON
ALTER TABLE order_line ADD COLUMN received INTEGER NOT NULL DEFAULT 0;
-- What was received is closed now, with every piece of it.
UPDATE order_line SET received = quantity WHERE order_id IN (SELECT id FROM purchase_order WHERE status = 'received');
UPDATE purchase_order SET status = 'closed', closed_at = received_at WHERE status = 'received';
ALTER TABLE order_line ADD COLUMN why TEXT;                             -- snapshot that justified it, JSON
ALTER TABLE need ADD COLUMN why TEXT;                                   -- likewise, of the present plan

ALTER TABLE supply ADD COLUMN forecast TEXT;                            -- what the estimator remembers, JSON
ALTER TABLE supply ADD COLUMN outlook TEXT;                             -- the forecast of the last reading, JSON
ALTER TABLE supply ADD COLUMN empty_at INTEGER;                         -- its median moment, to sort by
ALTER TABLE supply ADD COLUMN article_confirmed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE supply ADD COLUMN article_why TEXT;                         -- how the unconfirmed article was found
ALTER TABLE supply ADD COLUMN article_rejected TEXT NOT NULL DEFAULT '[]'; -- articles a person refused, JSON list of ids

-- A cartridge that was changed, as it was found out; a later reading may take it back.
CREATE TABLE supply_replacement (
    id INTEGER PRIMARY KEY,
    supply_id INTEGER NOT NULL REFERENCES supply(id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    rule TEXT NOT NULL,
    confidence REAL NOT NULL,
    level_before REAL,
    level_after REAL,
    pages INTEGER,
    evidence TEXT NOT NULL,             -- JSON list
    article_id INTEGER REFERENCES article(id),
    verdict TEXT,                       -- confirmed, rejected, moved, refill
    cancelled_at INTEGER,
    UNIQUE (supply_id, at)
) STRICT;

-- A table somebody wants to import, judged and not yet taken.
CREATE TABLE import_draft (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,                 -- articles, stock
    file_name TEXT NOT NULL,
    body TEXT NOT NULL,                 -- rows as read and what is wrong with them, JSON
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    accepted_at INTEGER
) STRICT;
