-- The databases of the sample, one after the other: `-- store NAME` begins one.

-- store desk: R3COMM's own contacts, contracts, invoices, support and staff

CREATE TABLE contracts (
  customer TEXT PRIMARY KEY,
  ended DATE
);

CREATE TABLE contacts (
  id INTEGER PRIMARY KEY,
  customer TEXT NOT NULL,
  name TEXT NOT NULL,
  job TEXT,
  email TEXT,
  phone TEXT
);

CREATE TABLE invoices (
  number TEXT PRIMARY KEY,
  customer TEXT NOT NULL,
  contact INTEGER NOT NULL,
  cents INTEGER NOT NULL
);

CREATE TABLE support (
  ticket INTEGER NOT NULL,
  position INTEGER NOT NULL,
  customer TEXT NOT NULL,
  writer TEXT NOT NULL,
  body TEXT,
  PRIMARY KEY (ticket, position)
);

CREATE TABLE staff (
  login TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL
);

CREATE TABLE visits (
  id INTEGER PRIMARY KEY,
  at DATETIME NOT NULL,
  cookie TEXT NOT NULL,
  ip TEXT,
  agent TEXT,
  page TEXT NOT NULL
);

-- store microsoft: directories of customers

CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  customer TEXT,
  upn TEXT NOT NULL,
  name TEXT,
  mail TEXT
);

CREATE TABLE sign_ins (
  id INTEGER PRIMARY KEY,
  customer TEXT,
  user INTEGER NOT NULL,
  at DATETIME NOT NULL,
  result TEXT
);

-- store rmm: machines, what they tell, remote sessions

CREATE TABLE devices (
  id TEXT PRIMARY KEY,
  customer TEXT,
  user INTEGER,
  hostname TEXT NOT NULL,
  ip TEXT,
  os TEXT
);

CREATE TABLE metrics (
  customer TEXT,
  device TEXT NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  reading TEXT
);

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  customer TEXT,
  device TEXT NOT NULL,
  remote_user TEXT,
  technician TEXT,
  ended DATETIME NOT NULL
);

CREATE INDEX metrics_device ON metrics (device, at);

-- store backup: what was backed up, not what is in it

CREATE TABLE snapshots (
  repository TEXT NOT NULL,
  snapshot TEXT NOT NULL,
  customer TEXT,
  device TEXT NOT NULL,
  taken DATETIME NOT NULL,
  outcome TEXT,
  PRIMARY KEY (repository, snapshot)
);

-- store app: R3COMM's own application, hosted for customers

CREATE TABLE contracts (
  customer TEXT PRIMARY KEY,
  ended DATE
);

CREATE TABLE app_accounts (
  id INTEGER PRIMARY KEY,
  customer TEXT,
  username TEXT NOT NULL,
  last_login DATETIME
);

CREATE TABLE app_records (
  id INTEGER PRIMARY KEY,
  customer TEXT,
  account INTEGER NOT NULL,
  usage TEXT
);
