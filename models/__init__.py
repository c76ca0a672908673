"""What ships of learned models: a file and a card each."""
