"""The embedded default: Airflow standalone on this machine, with SQLite and LocalExecutor, set up as it works."""
