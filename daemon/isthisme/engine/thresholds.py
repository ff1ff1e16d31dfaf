"""Every number that decides, and the distribution that it comes from."""

# The score: logistic regression on named quantities. Set by hand for a start; not yet fitted to a distribution.
INTERCEPT = -9.0
WEIGHTS = {
    "agreeing": 7.0,
    "conflicting": -5.0,
    "coarse_correlation": 3.0,
    "aligned_similarity": 4.0,
    "log_inliers": 0.8,
    "log_windows": 0.6,
}

COPY_SCORE = 0.9  # from here on: copy
POSSIBLE_SCORE = 0.5  # from here on: possible copy

# Candidates: what is worth verifying.
CANDIDATE_SIMILARITY = 0.36  # of the small descriptor; below it a passing look stops
CANDIDATE_SIMILARITY_DEEP = 0.28
CANDIDATE_DISTANCE = 10  # bits of 64; perceptual hashes of unrelated pictures are rarely as near
CANDIDATE_DISTANCE_ALONE = 14  # the same without a model, when nothing else proposes
MOST_CANDIDATES = 3
MOST_CANDIDATES_DEEP = 8

# Too plain to tell: a picture with less structure than this is not compared.
PLAIN_DEVIATION = 4.0  # levels of 255
PLAIN_SHARE = 0.02  # share of the picture with any local contrast
LEAST_SIDE = 24  # pixels
