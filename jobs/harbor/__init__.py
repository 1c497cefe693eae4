"""qwright as an agent of harbor (terminal-bench): `harbor run --agent jobs.harbor.agent:QwrightAgent`."""
