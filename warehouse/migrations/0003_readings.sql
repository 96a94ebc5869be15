-- Both readings of the contract side by side, and what an account seems to be.

alter table account_verdict_history add column pragmatic_verdict varchar;
alter table account_verdict_history add column strict_verdict varchar;
alter table account_verdict_history add column excluded_apps varchar[];
alter table account_verdict_history add column severity varchar;
alter table account_verdict_history add column is_admin boolean;
alter table account_verdict_history add column account_class varchar;
alter table account_verdict_history add column class_source varchar;
comment on column account_verdict_history.pragmatic_verdict is 'The verdict, of a customer''s account the posture, where a gap in the policies is a risk.';
comment on column account_verdict_history.strict_verdict is 'The same where every authentication must be challenged, so that a gap is a breach.';
comment on column account_verdict_history.excluded_apps is 'Apps that policies leave out by name: no MFA is asked for there.';
comment on column account_verdict_history.severity is 'high for administrators, agents and break-glass accounts, else medium; null where there is nothing to do.';
comment on column account_verdict_history.is_admin is 'Whether it holds or may activate a directory role, or is an agent in Partner Center: it counts for Microsoft''s score.';
comment on column account_verdict_history.account_class is 'What it seems to be if no ordinary person: advice only, nobody is left out of any count for it.';
comment on column account_verdict_history.class_source is 'What says so: role, mail, licence, employeeType or name, the weakest.';
