"""Forms check the shape of what was typed; rules that need the world are the actions'."""
