"""Alerts: what a person should be told of the night, whom, when and again; by mail and webhook.

The only door to SMTP. Rules and desk are pure; `mail` and `webhook` send what the desk says is due.
"""
