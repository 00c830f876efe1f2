-- R3TeK's own books: clients, what they paid, the newsletter, visits of the website.

CREATE TABLE clients (
  id INTEGER PRIMARY KEY,
  company TEXT NOT NULL,
  contact TEXT NOT NULL,
  job TEXT,
  email TEXT,
  phone TEXT,
  mobile TEXT,
  address TEXT,
  contract_end DATE
);

CREATE TABLE payments (
  number TEXT PRIMARY KEY,
  client_id INTEGER NOT NULL,
  paid DATE NOT NULL,
  payer TEXT NOT NULL,
  address TEXT,
  receipt_to TEXT,
  cents INTEGER NOT NULL
);

CREATE TABLE subscribers (
  id INTEGER PRIMARY KEY,
  email TEXT NOT NULL,
  name TEXT,
  opted_in DATE NOT NULL,
  opted_out DATE
);

CREATE TABLE visits (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  ip TEXT,
  cookie TEXT,
  page TEXT NOT NULL,
  agent TEXT,
  referrer TEXT
);

CREATE INDEX payments_client ON payments (client_id);
