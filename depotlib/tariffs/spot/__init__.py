"""Market prices: one file a format, each pure: a document in, a frame and its account out."""
