"""What is counted of an operation, and in which unit."""

from __future__ import annotations

__all__ = ["UNITS"]

UNITS = {"flops": "multiply-adds", "parameters": "parameters", "latency": "ms"}
