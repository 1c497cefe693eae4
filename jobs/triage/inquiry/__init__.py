"""What triage finds out in a sandbox: counts of runs, the commit to blame, the model's opinion, a repair."""
