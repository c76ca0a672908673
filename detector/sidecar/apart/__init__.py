"""Sources that a process of their own reads and looks at, so that nobody who asks waits for a picture."""
