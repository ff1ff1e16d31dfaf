"""`isthisme scan --on`. Its modules need the packages for many machines; the command imports them when it runs."""
