"""Who should help whom over a whole market at once."""
