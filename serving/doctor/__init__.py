"""Checks of a model server: what it can, what it lacks, and the flag or command that mends each fault.

Nothing here trusts what the model says: a check looks at what the server made of the model's own tokens, or at what it
renders, counts and caches. Where only the model's words could decide, it says that it could not tell.
"""
