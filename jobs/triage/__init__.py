"""CI triage: from logs and test reports to a verdict, without a model (`docs/triage.md`)."""
