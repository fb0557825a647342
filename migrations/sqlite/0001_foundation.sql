-- Times are UTC milliseconds, money is minor units, booleans are 0/1, JSON is text: the same in both databases.
-- search columns hold lower-cased text made by us (SQLite's lower() does not know Cyrillic).

CREATE TABLE site (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    time_zone TEXT NOT NULL DEFAULT 'Europe/Moscow',
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE credential (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    version TEXT NOT NULL,              -- '1', '2c'
    sealed BLOB NOT NULL,               -- community, encrypted with the key of the data folder
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE scan_range (
    id INTEGER PRIMARY KEY,
    site_id INTEGER NOT NULL REFERENCES site(id),
    cidr TEXT NOT NULL,
    port INTEGER NOT NULL DEFAULT 161,
    credential_id INTEGER REFERENCES credential(id) ON DELETE SET NULL, -- NULL: try all
    enabled INTEGER NOT NULL DEFAULT 1,
    scan_wanted INTEGER NOT NULL DEFAULT 1, -- a person asked, or it is new
    last_started_at INTEGER,
    last_finished_at INTEGER,
    last_asked INTEGER NOT NULL DEFAULT 0,
    last_found INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    origin TEXT NOT NULL DEFAULT 'person', -- person, config, neighbor
    UNIQUE (site_id, cidr, port)
) STRICT;

CREATE TABLE device (
    id INTEGER PRIMARY KEY,
    site_id INTEGER NOT NULL REFERENCES site(id),
    name TEXT NOT NULL,                 -- given by a person, else sysName, else model, else address
    named_by_person INTEGER NOT NULL DEFAULT 0,
    location TEXT,                      -- room; a person's word wins over sysLocation
    located_by_person INTEGER NOT NULL DEFAULT 0,
    kind TEXT,
    vendor TEXT,
    model TEXT,
    serial TEXT,
    firmware TEXT,
    sys_name TEXT,
    sys_descr TEXT,
    sys_object_id TEXT,
    base_mac TEXT,
    functions TEXT NOT NULL DEFAULT '',  -- 'print,scan,fax'
    profile TEXT,
    address TEXT NOT NULL,              -- '' when another device took it over
    port INTEGER NOT NULL,
    credential_id INTEGER REFERENCES credential(id) ON DELETE SET NULL,
    lifecycle TEXT NOT NULL DEFAULT 'active', -- active, retired
    reach TEXT NOT NULL DEFAULT 'unknown',
    condition TEXT NOT NULL DEFAULT 'unknown', -- ok, attention, failure, unknown: the colour of the row
    page_count INTEGER,
    facts TEXT NOT NULL DEFAULT '{}',   -- last full Facts of the inventory class
    state TEXT NOT NULL DEFAULT '{}',   -- model::DeviceState
    first_seen INTEGER NOT NULL,
    last_seen INTEGER,                  -- last answer
    last_reading_at INTEGER,
    poll_wanted INTEGER NOT NULL DEFAULT 0,
    search TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX device_site ON device (site_id, lifecycle);
CREATE INDEX device_address ON device (address, port);

CREATE TABLE device_identifier (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    site_id INTEGER NOT NULL,           -- addresses and names are only unique inside a branch
    device_id INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    PRIMARY KEY (kind, value, site_id, device_id)
) STRICT;
CREATE INDEX device_identifier_device ON device_identifier (device_id);

CREATE TABLE device_address_history (
    device_id INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    port INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    PRIMARY KEY (device_id, address, port)
) STRICT;

CREATE TABLE supplier (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    language TEXT NOT NULL DEFAULT 'ru',
    currency TEXT NOT NULL DEFAULT 'RUB'
) STRICT;

CREATE TABLE article (
    id INTEGER PRIMARY KEY,
    part_number TEXT NOT NULL,
    name TEXT NOT NULL,
    vendor TEXT NOT NULL,
    kind TEXT NOT NULL,
    color TEXT,
    yield_pages INTEGER,
    price INTEGER,
    vat_percent INTEGER NOT NULL DEFAULT 22,
    supplier_id INTEGER REFERENCES supplier(id),
    supplier_article TEXT,
    search TEXT NOT NULL DEFAULT '',
    UNIQUE (vendor, part_number)
) STRICT;

CREATE TABLE article_fit (
    article_id INTEGER NOT NULL REFERENCES article(id) ON DELETE CASCADE,
    vendor TEXT NOT NULL,
    model TEXT NOT NULL,                -- lower-cased, '*' at the end matches the rest
    PRIMARY KEY (article_id, vendor, model)
) STRICT;

CREATE TABLE supply (
    id INTEGER PRIMARY KEY,
    device_id INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
    idx TEXT NOT NULL,                  -- Supply.index
    kind TEXT NOT NULL,
    color TEXT,
    description TEXT NOT NULL,
    part_number TEXT,
    serial TEXT,
    unit TEXT,
    max_capacity INTEGER,
    level INTEGER,
    level_state TEXT NOT NULL,
    low REAL,                           -- interval of the true remaining fraction
    high REAL,
    receptacle INTEGER NOT NULL DEFAULT 0,
    source TEXT NOT NULL,
    is_low INTEGER NOT NULL DEFAULT 0,
    low_since INTEGER,
    threshold REAL NOT NULL,
    article_id INTEGER REFERENCES article(id) ON DELETE SET NULL,
    state TEXT NOT NULL,                -- model::SupplyState
    updated_at INTEGER NOT NULL,
    present INTEGER NOT NULL DEFAULT 1,
    UNIQUE (device_id, idx)
) STRICT;

-- Raw integers, on change and once a day; kept for ever (small).
CREATE TABLE supply_reading (
    supply_id INTEGER NOT NULL REFERENCES supply(id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    level INTEGER,
    max_capacity INTEGER,
    level_state TEXT NOT NULL,
    low REAL,
    high REAL,
    pages INTEGER,                      -- the device's page counter at that moment
    source TEXT NOT NULL,
    PRIMARY KEY (supply_id, at)
) STRICT, WITHOUT ROWID;

-- Other integers on change and heartbeat: 'pages', 'rtt_us', 'port.3.in_octets'; rolled up by day, then dropped.
CREATE TABLE metric_reading (
    device_id INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
    series TEXT NOT NULL,
    at INTEGER NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (device_id, series, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE metric_daily (
    device_id INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
    series TEXT NOT NULL,
    day INTEGER NOT NULL,               -- midnight UTC
    first_value INTEGER NOT NULL,
    last_value INTEGER NOT NULL,
    min_value INTEGER NOT NULL,
    max_value INTEGER NOT NULL,
    readings INTEGER NOT NULL,
    PRIMARY KEY (device_id, series, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE port (
    device_id INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
    if_index INTEGER NOT NULL,
    name TEXT NOT NULL,
    descr TEXT,
    alias TEXT,
    if_type TEXT,
    physical INTEGER NOT NULL DEFAULT 1,
    admin TEXT,
    oper TEXT,
    oper_since INTEGER,
    speed_bps INTEGER NOT NULL DEFAULT 0,
    mac TEXT,
    updated_at INTEGER NOT NULL,
    present INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (device_id, if_index)
) STRICT;
CREATE INDEX port_mac ON port (mac);

CREATE TABLE neighbor (
    id INTEGER PRIMARY KEY,
    device_id INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
    local_if_index INTEGER,
    local_port TEXT NOT NULL DEFAULT '',
    protocol TEXT NOT NULL,
    remote_key TEXT NOT NULL,           -- chassis, else host: what makes the row one
    remote_host TEXT,
    remote_chassis TEXT,
    remote_port TEXT,
    remote_platform TEXT,
    remote_address TEXT,
    remote_device_id INTEGER REFERENCES device(id) ON DELETE SET NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    UNIQUE (device_id, local_port, remote_key)
) STRICT;

CREATE TABLE fdb (
    device_id INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
    mac TEXT NOT NULL,
    vlan INTEGER NOT NULL DEFAULT 0,    -- 0: not told
    if_index INTEGER,
    port TEXT,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    PRIMARY KEY (device_id, mac, vlan)
) STRICT;
CREATE INDEX fdb_mac ON fdb (mac);

CREATE TABLE vlan (
    device_id INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
    vlan INTEGER NOT NULL,
    name TEXT,
    PRIMARY KEY (device_id, vlan)
) STRICT;

CREATE TABLE timeline (
    id INTEGER PRIMARY KEY,
    device_id INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,                 -- Event::as_str
    body TEXT NOT NULL                  -- model::Event as JSON
) STRICT;
CREATE INDEX timeline_device ON timeline (device_id, at);
CREATE INDEX timeline_at ON timeline (at);

CREATE TABLE need (
    id INTEGER PRIMARY KEY,
    site_id INTEGER NOT NULL REFERENCES site(id),
    pool TEXT NOT NULL,
    key TEXT NOT NULL,                  -- 'article:12' or 'supply:7/1.1'
    article_id INTEGER REFERENCES article(id),
    status TEXT NOT NULL,               -- open, ordered, closed
    quantity INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    closed_why TEXT
) STRICT;
CREATE UNIQUE INDEX need_one_open ON need (pool, key) WHERE status <> 'closed';

CREATE TABLE need_reason (
    need_id INTEGER NOT NULL REFERENCES need(id) ON DELETE CASCADE,
    device_id INTEGER NOT NULL REFERENCES device(id) ON DELETE CASCADE,
    supply_index TEXT NOT NULL,
    description TEXT NOT NULL,
    low REAL,
    high REAL,
    at INTEGER NOT NULL,
    PRIMARY KEY (need_id, device_id, supply_index)
) STRICT;

CREATE TABLE purchase_order (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    site_id INTEGER NOT NULL REFERENCES site(id),
    supplier_id INTEGER NOT NULL REFERENCES supplier(id),
    status TEXT NOT NULL,               -- draft, approved, sent, received, cancelled
    created_at INTEGER NOT NULL,
    approved_at INTEGER,
    approved_by TEXT,
    sent_at INTEGER,
    received_at INTEGER
) STRICT;
CREATE UNIQUE INDEX purchase_order_one_draft ON purchase_order (site_id, supplier_id) WHERE status = 'draft';

CREATE TABLE order_line (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES purchase_order(id) ON DELETE CASCADE,
    article_id INTEGER NOT NULL REFERENCES article(id),
    quantity INTEGER NOT NULL,
    price INTEGER,
    vat_percent INTEGER NOT NULL,
    need_id INTEGER REFERENCES need(id),
    UNIQUE (order_id, article_id)
) STRICT;

CREATE TABLE ticket (
    id INTEGER PRIMARY KEY,
    site_id INTEGER NOT NULL REFERENCES site(id),
    device_id INTEGER REFERENCES device(id),
    class TEXT NOT NULL,                -- ProblemClass
    component TEXT NOT NULL,
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    priority INTEGER NOT NULL,
    touched INTEGER NOT NULL DEFAULT 0,
    opened_at INTEGER NOT NULL,
    resolved_at INTEGER,
    reopened INTEGER NOT NULL DEFAULT 0,
    search TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX ticket_one_open ON ticket (device_id, class, component)
    WHERE status NOT IN ('resolved', 'closed', 'cancelled') AND class <> 'reported';

CREATE INDEX ticket_device ON ticket (device_id, class, component);

CREATE TABLE ticket_event (
    id INTEGER PRIMARY KEY,
    ticket_id INTEGER NOT NULL REFERENCES ticket(id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,               -- login, or 'anykey'
    kind TEXT NOT NULL,                 -- opened, note, comment, status
    body TEXT NOT NULL
) STRICT;
CREATE INDEX ticket_event_ticket ON ticket_event (ticket_id, at);

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,           -- idempotency: 'order:12'
    channel TEXT NOT NULL,              -- mail
    recipient TEXT NOT NULL,
    payload TEXT NOT NULL,              -- what to render, as JSON
    status TEXT NOT NULL,               -- pending, sending, sent, cancelled
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    sent_at INTEGER
) STRICT;

CREATE INDEX outbox_due ON outbox (next_at) WHERE status IN ('pending', 'sending');

CREATE TABLE app_user (
    id INTEGER PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,                 -- administrator, technician, read-only
    language TEXT,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE web_session (
    token_hash TEXT PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES app_user(id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE api_token (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    token_hash TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE setup_token (
    token_hash TEXT PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Numbers given to people's documents: 'order/2026' -> last number used.
CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    source TEXT NOT NULL,               -- web, api, cli, poller
    command TEXT NOT NULL,              -- secrets left out
    result TEXT NOT NULL
) STRICT;

CREATE TABLE discovery_result (
    range_id INTEGER NOT NULL REFERENCES scan_range(id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    port INTEGER NOT NULL,
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL,              -- device, ping-only, refused
    steps TEXT NOT NULL,                -- what was tried and what failed, JSON array of text
    device_id INTEGER REFERENCES device(id) ON DELETE SET NULL,
    PRIMARY KEY (range_id, address, port)
) STRICT;
