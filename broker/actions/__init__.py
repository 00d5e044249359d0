"""The verbs: one function for each Action, named for it. They never commit and never read a request."""
