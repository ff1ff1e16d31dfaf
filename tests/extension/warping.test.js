/** Laying one picture over the other: the mathematics of the slider. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { boxAround, homography, inverse, moved, product, warped } from "../../extension/sightings/warping.js";

/** @param {[number, number][]} points */
const rounded = (points) => points.map((point) => point.map((part) => Math.round(part * 1e4) / 1e4 + 0)); // no −0
const SQUARE = [
  [0, 0],
  [100, 0],
  [100, 100],
  [0, 100],
];

test("corners go to the corners of the same number, also mirrored, turned and tilted", () => {
  const targets = [
    [...SQUARE].reverse(),
    SQUARE.map(([x, y]) => [3000 - 20 * y, 40 + 30 * x]),
    [
      [12.5, 9],
      [380, 40.25],
      [301, 277],
      [44, 250],
    ],
  ];
  for (const target of targets) {
    const matrix = homography(SQUARE, target);
    assert.deepEqual(rounded(SQUARE.map(([x, y]) => moved(matrix, x, y))), rounded(target));
  }
});

test("the middle of a tilted square lies where its diagonals cross", () => {
  const matrix = homography(SQUARE, [
    [0, 0],
    [90, 0],
    [60, 60],
    [30, 60],
  ]);
  assert.deepEqual(rounded([moved(matrix, 50, 50)]), [[45, 45]]);
});

test("an outline of many corners gives back the homography that it was made with", () => {
  const true_one = homography(SQUARE, [
    [10, 20],
    [205, 44],
    [190, 230],
    [25, 199],
  ]);
  const round = Array.from({ length: 32 }, (_, step) => [
    50 + 40 * Math.cos((step * Math.PI) / 16),
    50 + 40 * Math.sin((step * Math.PI) / 16),
  ]);
  // To a tenth of a pixel, as the companion writes them.
  const outline = round.map(([x, y]) => moved(true_one, x, y).map((part) => Math.round(part * 10) / 10));
  const found = homography(round, outline);
  for (const [x, y] of SQUARE) {
    const [[wantedX, wantedY], [foundX, foundY]] = [moved(true_one, x, y), moved(found, x, y)];
    assert.ok(Math.hypot(wantedX - foundX, wantedY - foundY) < 1, `${wantedX}, ${wantedY}: ${foundX}, ${foundY}`);
  }
});

test("three corners give an affine one", () => {
  const matrix = homography(SQUARE.slice(0, 3), [
    [0, 0],
    [50, 10],
    [40, 90],
  ]);
  assert.deepEqual(rounded([moved(matrix, 0, 100), moved(matrix, 50, 50)]), [
    [-10, 80],
    [20, 45],
  ]);
});

test("corners that tell nothing give none", () => {
  const line = SQUARE.map(([x]) => [x, 2 * x]);
  const bad = [line, SQUARE.slice(0, 2), [], SQUARE.map(() => [5, 5]), SQUARE.map(([x]) => [x, Number.NaN])];
  for (const polygon of bad) assert.equal(homography(polygon, SQUARE), null, JSON.stringify(polygon));
  assert.equal(homography(SQUARE, SQUARE.slice(0, 3)), null);
});

test("a matrix and its inverse undo each other", () => {
  const matrix = homography(SQUARE, [
    [10, 20],
    [205, 44],
    [190, 230],
    [25, 199],
  ]);
  const [x, y] = moved(product(inverse(matrix), matrix), 33, 71);
  assert.deepEqual(rounded([[x, y]]), [[33, 71]]);
  assert.equal(inverse([1, 2, 0, 2, 4, 0, 0, 0, 1]), null);
});

/** A picture of single grey pixels. */
const grey = (width, ...values) => ({
  width,
  height: values.length / width,
  data: new Uint8ClampedArray(values.flatMap((value) => [value, value, value, 255])),
});
const reds = (pixels) => [...pixels].filter((_, index) => index % 4 === 0);

test("a picture through nothing is itself; through a mirror, mirrored; and beyond it there is nothing", () => {
  const picture = grey(3, 10, 20, 30, 40, 50, 60);
  assert.deepEqual(reds(warped(picture, [1, 0, 0, 0, 1, 0, 0, 0, 1], 3, 2)), [10, 20, 30, 40, 50, 60]);
  assert.deepEqual(reds(warped(picture, [-1, 0, 3, 0, 1, 0, 0, 0, 1], 3, 2)), [30, 20, 10, 60, 50, 40]);
  const beyond = warped(picture, [1, 0, 2, 0, 1, 0, 0, 0, 1], 3, 2);
  assert.deepEqual(reds(beyond), [30, 0, 0, 60, 0, 0]);
  assert.deepEqual([beyond[3], beyond[7]], [255, 0]);
});

test("between pixels colours are mixed", () => {
  assert.deepEqual(reds(warped(grey(2, 0, 100), [0.5, 0, 0, 0, 1, 0, 0, 0, 1], 4, 1)), [0, 25, 75, 100]);
});

test("the box around a polygon is upright", () => {
  assert.deepEqual(
    boxAround([
      [5, 1],
      [9, 4],
      [2, 8],
    ]),
    { left: 2, top: 1, width: 7, height: 7 },
  );
});
