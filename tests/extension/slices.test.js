/** How a whole page is put together: which part of it, in what size, in which slices. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { planOf } from "../../extension/background/slices.js";

const page = (page_height, more = {}) => ({
  ...{ width: 1015, height: 600, seen_width: 1000, seen_height: 600, page_width: 1000, page_height },
  ...more,
});

test("a page is shown in the screen's own pixels, without gaps", () => {
  const plan = planOf(page(1500), 2);
  assert.deepEqual(plan.tops, [0, 600, 1200]);
  assert.deepEqual([plan.scale, plan.width, plan.height, plan.isCut], [2, 2000, 3000, false]);
});

test("a page that is shorter than the screen is one slice", () => {
  const plan = planOf(page(200), 1);
  assert.deepEqual([plan.tops, plan.height, plan.isCut], [[0], 600, false]);
});

test("a page too large for the screen's pixels is shown in CSS pixels", () => {
  const plan = planOf(page(12_000), 2);
  assert.deepEqual([plan.scale, plan.width, plan.height, plan.isCut], [1, 1000, 12_000, false]);
});

test("a page that is larger still is cut at each of the limits", () => {
  const limits = { screens: 30, pixels: 40_000_000, side: 32_000 };
  assert.deepEqual([planOf(page(1e9), 1).height, planOf(page(1e9), 1).isCut], [18_000, true], "30 screens");
  const tall = planOf(page(1e9, { seen_height: 2_000 }), 1, { ...limits, pixels: 1e9 });
  assert.deepEqual([tall.height, tall.shown, tall.pageHeight], [32_000, 32_000, 1e9], "a side");
  const wide = planOf(page(1e9, { seen_width: 4_000, seen_height: 2_000 }), 1);
  assert.deepEqual([wide.height, wide.tops.length], [10_000, 5], "40 megapixels");
});

test("no picture is ever over the limits", () => {
  for (const scale of [0.3, 1, 1.25, 2, 3.5, 8]) {
    for (const seen_width of [1, 333, 1440, 7680]) {
      for (const seen_height of [1, 901, 4320]) {
        for (const page_height of [0, 900, 33_333, 1e8]) {
          const plan = planOf(page(page_height, { seen_width, seen_height, page_width: seen_width }), scale);
          assert.ok(plan.width * plan.height <= 40_000_000 && Math.max(plan.width, plan.height) <= 32_000);
          assert.ok(plan.tops.length <= 30 && plan.shown <= Math.max(page_height, seen_height));
        }
      }
    }
  }
});

test("what lies beside the screen is cut, too", () => {
  assert.equal(planOf(page(600, { page_width: 3_000 }), 1).isCut, true);
});

test("a page without a size shows nothing", () => {
  assert.equal(planOf(page(600, { seen_width: 0 }), 1), null);
  assert.equal(planOf(page(600, { seen_height: 0 }), 1), null);
  assert.equal(planOf(page(600), 0), null);
});
