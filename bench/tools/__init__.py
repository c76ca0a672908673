"""What benchmarks share: their commands, their tables, and the rivals they set beside us."""
