-- Every change of the schema, numbered and named; applied once each, in order, never edited.
-- Statements end with a semicolon at the end of a line and run on SQLite and PostgreSQL alike.

-- migration 1: the chain and the documents

CREATE TABLE chain_entry (
  seq BIGINT NOT NULL PRIMARY KEY,
  at VARCHAR(32) NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  previous_hash VARCHAR(64) NOT NULL,
  hash VARCHAR(64) NOT NULL,
  UNIQUE (previous_hash),
  UNIQUE (hash)
);

CREATE TABLE stored_document (
  id BIGINT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  at VARCHAR(32) NOT NULL,
  body TEXT NOT NULL
);

CREATE INDEX stored_document_by_key ON stored_document (kind, key, id);

-- migration 2: long work in items, what it holds, and who does it

CREATE INDEX chain_entry_by_subject ON chain_entry (subject, seq);

CREATE TABLE job (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  scope TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at VARCHAR(32) NOT NULL,
  changed_at VARCHAR(32) NOT NULL,
  body TEXT NOT NULL
);

CREATE TABLE job_item (
  job_id TEXT NOT NULL REFERENCES job (id),
  position INTEGER NOT NULL,
  key TEXT NOT NULL,
  state TEXT NOT NULL,
  outcome TEXT NOT NULL,
  begun_at VARCHAR(32),
  ended_at VARCHAR(32),
  planned TEXT NOT NULL,
  result TEXT,
  PRIMARY KEY (job_id, position)
);

CREATE INDEX job_item_by_outcome ON job_item (job_id, state, outcome);

CREATE TABLE claim (
  key TEXT NOT NULL PRIMARY KEY,
  job_id TEXT NOT NULL REFERENCES job (id)
);

CREATE TABLE executor (
  id TEXT NOT NULL PRIMARY KEY,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  seen_at VARCHAR(32) NOT NULL
);
