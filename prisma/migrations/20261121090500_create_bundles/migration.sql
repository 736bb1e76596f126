create table bundle (
  name        text primary key,
  description text not null,
  code        text not null,
  functions   jsonb not null,
  revision    integer not null default 1,
  created_at  timestamptz(3) not null,
  modified_at timestamptz(3) not null
);
-- Two names may not differ only by case.
create unique index bundle_folded_name on bundle (lower(name));

create table data_type (
  name                text primary key,
  base_type_name      text not null,
  description         text not null,
  validator           text,
  normalizer          text,
  transformers        text[] not null,
  default_transformer text,
  revision            integer not null default 1,
  created_at          timestamptz(3) not null
);
create unique index data_type_folded_name on data_type (lower(name));

create table action (
  name        text primary key,
  description text not null,
  function    text not null,
  role        text not null,
  created_at  timestamptz(3) not null,
  modified_at timestamptz(3) not null
);
create unique index action_folded_name on action (lower(name));
