"""Who is behind a page, as far as its address tells; and which sightings belong together because of that."""
