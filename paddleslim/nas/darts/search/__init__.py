"""The search as a task: architecture steps and weight steps."""
