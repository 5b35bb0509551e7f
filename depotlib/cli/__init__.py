"""Cli: one file a command, loaded on use: parses, calls one workflow, prints.

The only door to Typer.
"""
