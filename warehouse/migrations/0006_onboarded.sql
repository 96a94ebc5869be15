-- When a partner joined the programme: Microsoft validates it once a year in that month.

alter table tenants add column onboarded_on date;
comment on column tenants.onboarded_on is 'The day a partner joined the CSP programme, as rollcall.toml says; null where it does not.';
