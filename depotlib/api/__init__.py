"""Api: the door for programs (HTTP). Reads and writes the mailbox, nothing else.

The only door to FastAPI.
"""
