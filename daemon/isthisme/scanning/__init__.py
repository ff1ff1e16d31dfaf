"""Looking through pages with galleries, folders, archives and recorded sites for the user's own photos."""
