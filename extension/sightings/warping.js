/** Laying the user's photo over the page's picture: which point of one shows which point of the other, and drawing so. */

/** @typedef {[number, number, number, number, number, number, number, number, number]} Matrix rows of a homography */
/** @typedef {{width: number, height: number, data: Uint8ClampedArray}} Pixels RGBA, as canvases have them */

const LEAST_AREA = 1e-3; // of the unit square: below that the corners say nothing

/**
 * The homography that takes the points of one polygon to those of another, in the same order; of three points the affine
 * one, of more than four the one that fits all best.
 * @param {Polygon} from @param {Polygon} to @returns {Matrix | null} null where they do not tell one
 */
export function homography(from, to) {
  if (!isWhole(from) || !isWhole(to) || from.length !== to.length) return null;
  const source = normalised(from);
  const target = normalised(to);
  const isAffine = from.length === 3;
  const unknowns = isAffine ? 6 : 8;
  /** @type {number[][]} the normal equations, with the right side as their last column */
  const equations = Array.from({ length: unknowns }, () => new Array(unknowns + 1).fill(0));
  for (const [index, [x, y]] of source.points.entries()) {
    const [u, v] = target.points[index] ?? [0, 0];
    const rows = [
      [x, y, 1, 0, 0, 0, -u * x, -u * y],
      [0, 0, 0, x, y, 1, -v * x, -v * y],
    ];
    for (const [row, right] of [/** @type {const} */ ([rows[0] ?? [], u]), /** @type {const} */ ([rows[1] ?? [], v])]) {
      const left = row.slice(0, unknowns);
      for (const [place, equation] of equations.entries()) {
        const factor = left[place] ?? 0;
        for (const [column, value] of [...left, right].entries()) {
          equation[column] = (equation[column] ?? 0) + factor * value;
        }
      }
    }
  }
  const solved = solve(equations);
  if (!solved) return null;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = solved;
  return product(target.back, product([a, b, c, d, e, f, g, h, 1], source.there));
}

/** @param {Matrix} matrix @param {number} x @param {number} y @returns {[number, number]} */
export function moved([a, b, c, d, e, f, g, h, i], x, y) {
  const depth = g * x + h * y + i;
  return [(a * x + b * y + c) / depth, (d * x + e * y + f) / depth];
}

/**
 * What a picture looks like through a homography: for each pixel of the new picture, the mix of the four pixels around
 * the point that shows there; nothing (transparent) where that lies outside.
 * @param {Pixels} picture @param {Matrix} toPicture new pixels to the picture's @param {number} width @param {number} height
 * @returns {Uint8ClampedArray<ArrayBuffer>} RGBA
 */
export function warped({ width: wide, height: high, data }, toPicture, width, height) {
  const made = new Uint8ClampedArray(new ArrayBuffer(4 * width * height));
  const at = (/** @type {number} */ index) => data[index] ?? 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [middleX, middleY] = moved(toPicture, column + 0.5, row + 0.5);
      if (!(middleX >= 0 && middleY >= 0 && middleX <= wide && middleY <= high)) continue;
      const x = Math.min(Math.max(middleX - 0.5, 0), wide - 1);
      const y = Math.min(Math.max(middleY - 0.5, 0), high - 1);
      const left = Math.floor(x);
      const top = Math.floor(y);
      const across = x - left;
      const down = y - top;
      const first = 4 * (top * wide + left);
      const right = left + 1 < wide ? 4 : 0;
      const below = top + 1 < high ? 4 * wide : 0;
      const place = 4 * (row * width + column);
      for (let channel = 0; channel < 4; channel++) {
        const index = first + channel;
        const upper = at(index) * (1 - across) + at(index + right) * across;
        const lower = at(index + below) * (1 - across) + at(index + below + right) * across;
        made[place + channel] = upper * (1 - down) + lower * down;
      }
    }
  }
  return made;
}

/** The matrix that undoes another. @param {Matrix} matrix @returns {Matrix | null} null where nothing does */
export function inverse([a, b, c, d, e, f, g, h, i]) {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  if (!Number.isFinite(determinant) || Math.abs(determinant) < 1e-12) return null;
  const parts = [
    [e * i - f * h, c * h - b * i, b * f - c * e],
    [f * g - d * i, a * i - c * g, c * d - a * f],
    [d * h - e * g, b * g - a * h, a * e - b * d],
  ];
  return /** @type {Matrix} */ (parts.flat().map((part) => part / determinant));
}

/** @param {Matrix} one @param {Matrix} other first @returns {Matrix} */
export function product(one, other) {
  const cell = (/** @type {number} */ row, /** @type {number} */ column) =>
    [0, 1, 2].reduce((sum, step) => sum + (one[3 * row + step] ?? 0) * (other[3 * step + column] ?? 0), 0);
  return /** @type {Matrix} */ ([0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => cell(row, column))));
}

/** The upright box around a polygon. @param {Polygon} polygon */
export function boxAround(polygon) {
  const across = polygon.map(([x]) => x);
  const down = polygon.map(([, y]) => y);
  const [left, top] = [Math.min(...across), Math.min(...down)];
  return { left, top, width: Math.max(...across) - left, height: Math.max(...down) - top };
}

/** @param {Polygon} polygon */
const isWhole = (polygon) => polygon.length >= 3 && polygon.flat().every(Number.isFinite);

/**
 * The points within the unit square, which keeps the sums below small, with the matrices there and back.
 * @param {Polygon} polygon
 */
function normalised(polygon) {
  const { left, top, width, height } = boxAround(polygon);
  const size = Math.max(width, height, 1e-9);
  const points = polygon.map(([x, y]) => /** @type {[number, number]} */ ([(x - left) / size, (y - top) / size]));
  const there = /** @type {Matrix} */ ([1 / size, 0, -left / size, 0, 1 / size, -top / size, 0, 0, 1]);
  const back = /** @type {Matrix} */ ([size, 0, left, 0, size, top, 0, 0, 1]);
  return { points, there, back };
}

/**
 * Gauss's elimination with the largest pivot.
 * @param {number[][]} equations the right side is the last column; changed
 * @returns {number[] | null} null where there is no one solution
 */
function solve(equations) {
  const count = equations.length;
  for (let column = 0; column < count; column++) {
    const rest = equations.slice(column);
    const size = (/** @type {number[]} */ row) => Math.abs(row[column] ?? 0);
    const best = rest.reduce((one, other) => (size(other) > size(one) ? other : one));
    if (size(best) < LEAST_AREA ** 4) return null;
    equations.splice(column, count - column, best, ...rest.filter((row) => row !== best));
    for (const row of equations) {
      if (row === best) continue;
      const factor = (row[column] ?? 0) / (best[column] ?? 1);
      for (let place = column; place <= count; place++) row[place] = (row[place] ?? 0) - factor * (best[place] ?? 0);
    }
  }
  return equations.map((row, index) => (row[count] ?? 0) / (row[index] ?? 1));
}
