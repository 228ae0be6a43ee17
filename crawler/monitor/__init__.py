"""What is known of outlets: verdicts, drift, alerts, freshness, completeness, metrics, why."""
