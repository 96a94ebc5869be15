"""The requests of our collectors for the three long lists, so that a peer can send the same."""

LISTS = ("users", "authentication_methods", "sign_ins")
WINDOW = {"window_start": "2026-10-24T02:00:00Z", "window_end": "2026-11-23T02:00:00Z"}


def asked(catalogue):
    """Return path, query and headers of each list, from its declaration."""
    return {
        dataset.name: {
            "path": f"{dataset.version}{dataset.path}",
            "query": dataset.options(WINDOW),
            "headers": dict(dataset.headers),
        }
        for dataset in catalogue.datasets
        if dataset.name in LISTS
    }
