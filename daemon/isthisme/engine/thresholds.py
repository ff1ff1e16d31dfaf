"""Every number that decides, and the distribution that it comes from."""

# The score: logistic regression on named quantities, fitted by scripts/fit-score.
INTERCEPT = -18.408
WEIGHTS = {
    "agreeing": 3.079,
    "narrow_agreeing": 4.574,
    "conflicting": -7.899,
    "correlation": 1.845,
    "displacement": -27.353,
    "log_windows": 3.404,
    "aligned_similarity": 3.028,
    "log_photo_share": 0.261,
}

COPY_SCORE = 0.78  # from here on: copy
POSSIBLE_SCORE = 0.2  # from here on: possible copy

# Candidates: what is worth verifying.
# Similarity of the small descriptor. Unrelated photos rise with the size of the index (the best of 3,000 for a
# stranger's photo: median 0.30, 95 % below 0.46), so a candidate must stand out from its region's background: the mean
# of the 5th to 15th most similar photos. That margin passes 4 strangers in 10 and loses 3 hard copies in 100, where a
# similarity that passes as many loses 3.5 (measured 2026-11-22 on 260 copies, most of them hard kinds).
CLEAR_SIMILARITY = 0.45  # from here on a candidate whatever the background: bursts make their own
CANDIDATE_SIMILARITY = 0.25
CANDIDATE_MARGIN = 0.08
CANDIDATE_SIMILARITY_DEEP = 0.22
CANDIDATE_MARGIN_DEEP = 0.04
BACKGROUND_RANKS = (4, 15)  # places among the neighbours, from 0
SMALL_INDEX_BACKGROUND = 0.15  # where the index is too small to have those
CLOSE_SECOND = 0.04  # an unclear second candidate is verified when no farther than this from the first
CANDIDATE_DISTANCE = 10  # bits of 64; perceptual hashes of unrelated pictures are rarely as near
CANDIDATE_DISTANCE_ALONE = 14  # the same without a model, when nothing else proposes
MOST_CANDIDATES = 3
MOST_CANDIDATES_DEEP = 8

# Too plain to tell: a picture with less structure than this is not compared.
PLAIN_DEVIATION = 4.0  # levels of 255
PLAIN_SHARE = 0.02  # share of the picture with any local contrast
LEAST_SIDE = 24  # pixels
