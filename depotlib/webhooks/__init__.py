"""Webhooks: messages to addresses that others name: where they may lead, how they are signed.

The only room that posts. Retrying and giving up is decided here too; what is told lies elsewhere.
"""
