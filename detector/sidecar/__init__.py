"""`facewarden serve`: live sources in, a gate that others' proxies ask."""
