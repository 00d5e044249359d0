"""The lexical core: TF-IDF over live listings, exact and drift-free. Its front is index.py."""
