-- The tables of Request Tracker 5 that hold tickets and people, as SQLite.

CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  name VARCHAR(200) NOT NULL,
  password VARCHAR(256),
  emailaddress VARCHAR(120),
  realname VARCHAR(120),
  nickname VARCHAR(16),
  gecos VARCHAR(16),
  comments TEXT,
  signature TEXT,
  freeformcontactinfo TEXT,
  homephone VARCHAR(30),
  workphone VARCHAR(30),
  mobilephone VARCHAR(30),
  pagerphone VARCHAR(30),
  address1 VARCHAR(200),
  address2 VARCHAR(200),
  city VARCHAR(100),
  state VARCHAR(100),
  zip VARCHAR(16),
  country VARCHAR(50),
  organization VARCHAR(200),
  authtoken VARCHAR(16),
  lang VARCHAR(16),
  timezone VARCHAR(50),
  smimecertificate TEXT,
  creator INTEGER NOT NULL DEFAULT 0,
  created DATETIME,
  lastupdatedby INTEGER NOT NULL DEFAULT 0,
  lastupdated DATETIME
);

CREATE TABLE tickets (
  id INTEGER PRIMARY KEY,
  effectiveid INTEGER NOT NULL DEFAULT 0,
  ismerged INTEGER,
  queue INTEGER NOT NULL DEFAULT 1,
  type VARCHAR(16) DEFAULT 'ticket',
  owner INTEGER NOT NULL DEFAULT 6,
  subject VARCHAR(200),
  initialpriority INTEGER NOT NULL DEFAULT 0,
  finalpriority INTEGER NOT NULL DEFAULT 0,
  priority INTEGER NOT NULL DEFAULT 0,
  timeestimated INTEGER NOT NULL DEFAULT 0,
  timeworked INTEGER NOT NULL DEFAULT 0,
  status VARCHAR(64),
  sla VARCHAR(64),
  timeleft INTEGER NOT NULL DEFAULT 0,
  told DATETIME,
  starts DATETIME,
  started DATETIME,
  due DATETIME,
  resolved DATETIME,
  lastupdatedby INTEGER NOT NULL DEFAULT 0,
  lastupdated DATETIME,
  creator INTEGER NOT NULL DEFAULT 0,
  created DATETIME
);

CREATE TABLE transactions (
  id INTEGER PRIMARY KEY,
  objecttype VARCHAR(64) NOT NULL,
  objectid INTEGER NOT NULL,
  type VARCHAR(20),
  creator INTEGER NOT NULL DEFAULT 0,
  created DATETIME
);

CREATE TABLE attachments (
  id INTEGER PRIMARY KEY,
  transactionid INTEGER NOT NULL,
  subject VARCHAR(255),
  content TEXT,
  headers TEXT
);

CREATE TABLE principals (
  id INTEGER PRIMARY KEY,
  principaltype VARCHAR(16) NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE groups (
  id INTEGER PRIMARY KEY,
  name VARCHAR(200),
  description VARCHAR(255),
  domain VARCHAR(64),
  instance INTEGER,
  creator INTEGER NOT NULL DEFAULT 0,
  created DATETIME,
  lastupdatedby INTEGER NOT NULL DEFAULT 0,
  lastupdated DATETIME
);

CREATE TABLE groupmembers (
  id INTEGER PRIMARY KEY,
  groupid INTEGER NOT NULL,
  memberid INTEGER NOT NULL,
  creator INTEGER NOT NULL DEFAULT 0,
  created DATETIME,
  lastupdatedby INTEGER NOT NULL DEFAULT 0,
  lastupdated DATETIME
);

CREATE TABLE cachedgroupmembers (
  id INTEGER PRIMARY KEY,
  groupid INTEGER,
  memberid INTEGER,
  via INTEGER,
  immediateparentid INTEGER,
  disabled INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE objectcustomfieldvalues (
  id INTEGER PRIMARY KEY,
  objecttype VARCHAR(255) NOT NULL,
  objectid INTEGER NOT NULL,
  customfield INTEGER NOT NULL,
  content VARCHAR(255)
);

CREATE TABLE attributes (
  id INTEGER PRIMARY KEY,
  name VARCHAR(255),
  content TEXT,
  objecttype VARCHAR(64),
  objectid INTEGER
);

CREATE TABLE links (
  id INTEGER PRIMARY KEY,
  base VARCHAR(240),
  target VARCHAR(240),
  type VARCHAR(20) NOT NULL,
  localtarget INTEGER NOT NULL DEFAULT 0,
  localbase INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX groups_instance ON groups (domain, instance);
CREATE INDEX groupmembers_group ON groupmembers (groupid);
CREATE INDEX transactions_object ON transactions (objecttype, objectid);
