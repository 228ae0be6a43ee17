"""Drift detection: finds when an outlet's stories do not read as they used to, and why."""
