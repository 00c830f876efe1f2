-- Remote monitoring: whose machine it is, and what it told of itself.

CREATE TABLE devices (
  id TEXT PRIMARY KEY,
  client_id INTEGER,
  hostname TEXT NOT NULL,
  ip TEXT,
  os TEXT
);

CREATE TABLE checks (
  id INTEGER PRIMARY KEY,
  device TEXT NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  reading TEXT
);

CREATE INDEX checks_device ON checks (device, at);
