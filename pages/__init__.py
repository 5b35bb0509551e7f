"""The pages of the workbench: each opens itself, chooses, asks a workflow and shows charts."""
