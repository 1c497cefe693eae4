"""A finished or running batch to look through: its instances, and what each did step by step."""
