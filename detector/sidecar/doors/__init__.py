"""The doors: each turns what a proxy or a platform asks into a call, and answers as that one understands."""
