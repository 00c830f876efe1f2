-- Clients and their invoices: the clock of a client is the date of the last invoice.

CREATE TABLE clients (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  contact TEXT NOT NULL,
  email TEXT,
  phone TEXT,
  address TEXT
);

CREATE TABLE invoices (
  id INTEGER PRIMARY KEY,
  client_id INTEGER NOT NULL REFERENCES clients (id),
  issued DATE NOT NULL,
  pence INTEGER NOT NULL
);

CREATE INDEX invoices_client ON invoices (client_id, issued);
