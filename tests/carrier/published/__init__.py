"""What was published of carriers, typed by hand, held against the files that are shipped."""
