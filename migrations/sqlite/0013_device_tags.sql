-- The code on a device's label: whoever scans it reports a fault of this device.
CREATE TABLE device_tag (
    code TEXT PRIMARY KEY,
    device_id INTEGER NOT NULL UNIQUE REFERENCES device(id) ON DELETE CASCADE,
    made_at INTEGER NOT NULL
) STRICT;
