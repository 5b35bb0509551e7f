"""The command line: one file a command, loaded on use; parses, calls one workflow, prints.

The only room that imports typer. A command file holds one function named `command`; `main`
holds the table of commands and turns every `DepotError` into the three parts a person needs.
"""
