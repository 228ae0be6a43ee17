"""Monitoring: verdicts on runs, drift, alerts, freshness, completeness, metrics, explanations."""
