"""A sighting or a case as a bundle of files that platforms, lawyers and the police can use, and check by themselves."""
