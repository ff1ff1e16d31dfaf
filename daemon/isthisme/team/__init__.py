"""Several owners and reviewers on one index: consent, rights, a log, review by two, and the team's daemon."""
