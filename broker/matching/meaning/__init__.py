"""What words and texts mean beyond their letters: a static table, near words, and the optional encoder."""
