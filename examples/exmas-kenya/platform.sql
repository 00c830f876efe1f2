-- The platform's tables. sample.py puts in the types of the database: {uuid}, {instant} and others.

CREATE TABLE accounts (id {uuid} PRIMARY KEY, username TEXT NOT NULL, full_name TEXT, email TEXT,
  phone TEXT, postal TEXT, job_title TEXT, last_active {instant}, last_ip TEXT,
  deleted_at {instant});
CREATE INDEX accounts_last_active ON accounts (last_active);
CREATE TABLE transactions (id {bigint} NOT NULL, account_id {uuid}, paid_at {instant} NOT NULL,
  billing_name TEXT, billing_email TEXT, billing_address TEXT, cents BIGINT NOT NULL, item TEXT,
  PRIMARY KEY (id, paid_at)){partition};
CREATE INDEX transactions_paid_at ON transactions (paid_at);
CREATE TABLE tickets (number TEXT PRIMARY KEY, opened {instant} NOT NULL, closed {instant});
CREATE TABLE messages (ticket TEXT NOT NULL, position INTEGER NOT NULL, sender_name TEXT,
  sender_email TEXT, body TEXT, PRIMARY KEY (ticket, position));
CREATE TABLE subscribers (id {bigint} PRIMARY KEY, email TEXT NOT NULL, name TEXT,
  opted_in TEXT NOT NULL, opted_out TEXT);
CREATE TABLE page_views (id {bigint} PRIMARY KEY, at_ms BIGINT NOT NULL, ip {inet}, visitor TEXT,
  page TEXT, detail {json});
CREATE INDEX page_views_at ON page_views (at_ms);
CREATE TABLE legal_records (id {bigint} PRIMARY KEY, closed DATE, party_name TEXT,
  party_address TEXT, official_id TEXT, matter TEXT, account_id {uuid})
