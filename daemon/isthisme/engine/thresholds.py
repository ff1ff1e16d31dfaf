"""Every number that decides, and the distribution that it comes from."""

# The score: logistic regression on named quantities, fitted as scripts/fit-score does it, on 616 copies and 426 other
# candidates, edited by evaluation/ and by other code (2026-11-22).
INTERCEPT = -31.255
WEIGHTS = {
    "agreeing": 5.568,
    "narrow_agreeing": 6.530,
    "conflicting": -3.335,
    "largest_conflict": -15.286,
    "correlation": 5.069,
    "coarse_correlation": 2.784,
    "displacement": -50.397,
    "substance": 4.702,
    "aligned_similarity": 2.174,
    "inlier_share": 0.403,
    "loose": -0.642,
    "small_share": -24.460,
    "drift": -161.315,
}

# On sets left out of the fit (312 copies of single edits and combinations, 163 strangers' pictures, 154 of the same
# shoot) the recall is the same from 0.5 to 0.7; no stranger's picture reaches 0.2; of the same shoot 10 pass without a
# doubt, at 0.9 as at 0.5: all bend the photo's own pixels.
COPY_SCORE = 0.65  # from here on: copy
POSSIBLE_SCORE = 0.25  # from here on: possible copy
# Doubts: what holds a candidate at possible copy. Photos of one place share a strip of it; photos of one moment have
# many correspondences that no single map explains, and parts that lie elsewhere. Of 96 copies of six hard kinds none
# shows the latter, of 30 made "other moments" 26 do.
LEAST_COPY_SHARE = 0.18  # of the photo in sight
MOVED_INLIERS = 30
MOVED_SHARE = 0.75  # of the correspondences explained
MOVED_DISPLACEMENT = 0.006  # of the frame's longer side
MOVED_PIXELS = 1.5  # of the frame: small pictures cannot be told finer
# What agrees best may lie off the map that the correspondences voted for: subject and background moved apart, and each
# has its own. Of 626 copies by other edit code the last map keeps 0.7 of the votes or more; of 144 photos of the same
# shoot 3 keep 0.1 to 0.35 (measured 2026-11-23).
LEFT_VOTES = 30
LEFT_SHARE = 0.5
# The share of what dense flow can follow that fits clearly better elsewhere. Of 633 copies by other edit code that
# were called copy, 6 lie above; of 37 other photos of the same moment that were, 26 do (measured 2026-11-22).
MOVED_AREA = 0.08
# Enough where correspondences tell of movement, too, of too few pixels to be believed by themselves: a pair of stereo
# photos at 96 px. Of 446 copies by other edit code none is both (measured 2026-11-23).
HALF_MOVED_AREA = 0.04
# What moved in pieces that hang together and fit only there. Of 597 copies by other edit code none lies above, the
# highest at 0.008; of 15 made photos of the same shoot that were still called copy 7 do (measured 2026-11-23).
MOVED_PIECES = 0.011
# The largest place where something else shows, as a share of what can be compared. Of 448 copies by other edit code 7
# lie above, all but one with several things laid over them; of 24 with another face in the same place 15 do.
DIFFERENT_AREA = 0.07
# A place that differs, not smaller than this share of what shows, and whose outline the photo has: the most that may
# correlate there, and how many times as strong as the query's the photo's outline must be. Of 1,377 copies, by other
# edit code and of films, one has such a place; of 83 pictures of seven films, half a second or more from the photo and
# called copies, 49 do (measured 2026-11-24).
GONE_AREA = 0.0025
GONE_OUTLINES = ((0.5, 1.0), (0.6, 1.2))
# What looks drawn over the photo may be another thing of one colour in its place: past this share, amid the rest that
# shows, it is not believed. What lies beside all that shows is no more than a crop's surroundings.
# Stickers over faces hide 0.05 to 0.25; of 480 combinations of edits by other code 7 hide more than 0.3. Where more was
# allowed among many correspondences these were copies, and so was another face, bright and softly joined, before the
# same background (measured 2026-11-23).
MOST_COVERED = 0.3
DOUBTED_SCORE = 0.64  # at most, just under COPY_SCORE
# What brightness alone says is not believed: one round thing on plain ground correlates with many another. It takes
# either of these, or half of both, or half the likeness where all agrees. Of 11 page images that score over 0.2 on
# brightness alone and are no copies none passes: they have at most 1 correspondence, and 0.21 to 0.48 of likeness, save
# one with 0.64 that agrees in 0.93. Of 4 copies that the first two rules alone refused 3 pass (measured 2026-11-23).
BORNE_OUT_INLIERS = 8
BORNE_OUT_SIMILARITY = 0.68
HALF_BORNE_OUT_INLIERS = 5
HALF_BORNE_OUT_SIMILARITY = 0.5
ALL_AGREES = 0.97  # share of the structure
EXACT_WINDOWS = (
    12  # independent ones with structure; over fewer any smooth curve can be laid on another (8 in one alarm)
)
UNBORNE_SCORE = 0.24  # at most, just under POSSIBLE_SCORE
SAME_SCORE = (
    0.05  # two matches of one verdict nearer than this in score are ordered by how far their colours are apart: bursts
)
CERTAIN_SCORE = 0.97  # from here on less similar candidates are not looked at
ALIKE_SIMILARITY = 0.6  # of a candidate that may be a near-duplicate of a certain one
NEARLY_AS_SIMILAR = 0.1  # below the certain one, for a candidate that may be its near-duplicate

# Candidates: what is worth verifying.
# Similarity of the small descriptor. Unrelated photos rise with the size of the index, and plain regions are like many
# photos, so what counts is the margin by which a candidate stands out from its region's background: the mean of the 5th
# to 15th most similar photos. Among 3,750 photos and pictures of all kinds this margin passes 30 % of strangers'
# photos, all of 342 copies by single edits and 92 % of 224 combinations of two to four; ordered by similarity
# instead, more copies are crowded out than missed (measured 2026-11-22).
CLEAR_SIMILARITY = 0.55  # from here on a candidate whatever the background: bursts make their own
CANDIDATE_SIMILARITY = 0.2
CANDIDATE_MARGIN = 0.13
CANDIDATE_SIMILARITY_DEEP = 0.18
CANDIDATE_MARGIN_DEEP = 0.04
BACKGROUND_RANKS = (4, 15)  # places among the neighbours, from 0
SMALL_INDEX_BACKGROUND = 0.15  # where the index is too small to have those
CLOSE_SECOND = 0.15  # a second candidate is verified when no farther than this from the first, or alike
CANDIDATE_DISTANCE = 10  # bits of 64; perceptual hashes of unrelated pictures are rarely as near
CANDIDATE_DISTANCE_ALONE = 14  # the same without a model, when nothing else proposes
MOST_CANDIDATES = 4
MOST_HASHED = 2  # of those that nothing but a hash proposes, where descriptors propose others
MOST_UNCLEAR = 2  # of them, below ALIKE_SIMILARITY, in one place: of 490 copies 481 came first and 8 second
MOST_UNCLEAR_PLACES = 3  # in all places; of 7 combinations that nothing proposed 3 are cells beside clearer candidates
APART = 0.3  # of the smaller of two parts of the query that lies on the other, for them to be different places
CLEAR_MARGIN = 0.28  # from here on a candidate is verified at once; one stranger's photo in 20 has one
FAIR_MARGIN = 0.2  # from here on it is worth looking for soft keypoints, which cost as much again
# A candidate below that, or that a hash alone proposed, gets a first look at little cost. It passes all of 42 copies
# that stand out by 0.05 to 0.28, and a quarter of the other candidates (measured 2026-11-22); of 430 chance
# hashes among products a third (2026-11-24).
FIRST_LOOK_VOTES = 7
FIRST_LOOK_GAIN = 0.14
MOST_CANDIDATES_DEEP = 8

# Too plain to tell: a picture with less structure than this is not compared.
PLAIN_DEVIATION = 4.0  # levels of 255
PLAIN_SHARE = 0.02  # share of the picture with any local contrast
LEAST_SIDE = 24  # pixels
