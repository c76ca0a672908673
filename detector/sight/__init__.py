"""What is seen: the sources of a process, and what their pictures have shown."""
