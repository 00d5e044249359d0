"""The rules of brokerage, in the standard library alone: words, permissions, states and quantities."""
