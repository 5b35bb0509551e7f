"""Exchange: the mailbox between processes (brief, releases, live state, requests, jobs, journal).

The only door to SQLite.
"""
