"""The gateway: a reverse proxy that holds the calls which may not be made, and lets all others through untouched."""
