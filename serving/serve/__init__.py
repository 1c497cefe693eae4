"""vLLM as a process of the user's: started, waited for until it answers a chat, stopped with all that it started."""
