-- The databases of the sample, one after the other: `-- store NAME` begins one.

-- store books: clients and their contracts

CREATE TABLE clients (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  employer TEXT,
  job TEXT,
  email TEXT,
  phone TEXT,
  address TEXT,
  contract_end DATE,
  deleted_at DATETIME
);

-- store mail: the desk's letters, in and out

CREATE TABLE letters (
  message_id TEXT PRIMARY KEY,
  folder TEXT NOT NULL,
  received DATETIME NOT NULL,
  closed DATE,
  correspondent TEXT NOT NULL,
  correspondent_name TEXT,
  cc TEXT,
  subject TEXT,
  body TEXT
);

-- store portal: what the recording company lists of our calls

CREATE TABLE calls (
  id TEXT PRIMARY KEY,
  started DATETIME NOT NULL,
  caller TEXT,
  caller_name TEXT,
  callee TEXT,
  callee_name TEXT,
  seconds INTEGER NOT NULL,
  recording TEXT
);

-- store remote: sessions of remote access, never what was seen in them

CREATE TABLE sessions (
  id INTEGER PRIMARY KEY,
  client INTEGER NOT NULL,
  username TEXT,
  hostname TEXT,
  ip TEXT,
  ended DATETIME NOT NULL
);
