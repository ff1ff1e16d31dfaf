"""Image addresses to bytes: which addresses may be asked, and the asking."""
