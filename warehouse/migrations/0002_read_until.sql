alter table slices add column read_until timestamp;
comment on column slices.read_until is 'Of a dataset with a window, until when it has been read without a gap; null if the next scan must read all of it.';
