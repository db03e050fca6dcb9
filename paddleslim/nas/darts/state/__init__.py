"""Checkpoints: files, their folder with its lock, random states."""
