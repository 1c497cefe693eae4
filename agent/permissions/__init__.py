"""What the model may do without asking: modes, rules, and what a shell line consists of. Pure, but for the one object
that a session changes (`agent.permissions.permissions`)."""
