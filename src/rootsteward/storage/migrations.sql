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
