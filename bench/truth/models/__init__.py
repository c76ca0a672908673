"""What is said of models that nobody has seen: recognisers in many forms, and what looks like one and is none."""
