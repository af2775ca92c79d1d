"""What the library promises, held against the code."""
