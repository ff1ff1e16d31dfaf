/** Lists that the companion gives in pieces, since a frame holds no more. */

import assert from "node:assert/strict";
import { test } from "node:test";

const { caseRequests } = await import("../../extension/background/case_requests.js");
const { wholeList, wholeTimeline } = await import("../../extension/background/whole_lists.js");

/** A companion with rows 9 to 1, which gives at most three at once. */
function companion(asked) {
  return async (message) => {
    asked.push(message);
    const left = [9, 8, 7, 6, 5, 4, 3, 2, 1].filter((id) => message.before === undefined || id < message.before);
    const wanted = left.slice(0, message.limit);
    const given = wanted.slice(0, 3);
    return { type: "rows", rows: given.map((id) => ({ id })), ...(given.length < wanted.length && { is_more: true }) };
  };
}

test("as many rows are brought together as were asked for", async () => {
  const asked = [];
  const { type, rows } = await wholeList(companion(asked), "rows", "id")({ limit: 7, before: 9, site: "a" });
  assert.equal(type, "rows");
  assert.deepEqual(
    rows.map(({ id }) => id),
    [8, 7, 6, 5, 4, 3, 2],
  );
  assert.deepEqual(asked, [
    { limit: 7, before: 9, site: "a" },
    { limit: 4, before: 6, site: "a" },
    { limit: 1, before: 3, site: "a" },
  ]);
});

test("what fits is asked for once, also where there is less than was asked for", async () => {
  for (const message of [{ limit: 3 }, { limit: 200, before: 3 }]) {
    const asked = [];
    await wholeList(companion(asked), "rows", "id")(message);
    assert.equal(asked.length, 1);
  }
});

test("a timeline is put together from its end", async () => {
  const all = [1, 2, 3, 4, 5, 6, 7];
  const ask = async ({ case_id, first = all.length }) => {
    assert.equal(case_id, 5);
    const wanted = all.slice(0, first);
    return { type: "timeline", events: wanted.slice(-3), ...(wanted.length > 3 && { earlier: wanted.length - 3 }) };
  };
  assert.deepEqual((await wholeTimeline(ask)({ case_id: 5 })).events, all);
});

test("all cases come together, the one that changed last first", async () => {
  const changed = new Map([8, 9, 3, 1].map((id, at) => [id, 100 - at]));
  const ask = companion([]);
  const passOn = (_type, fields) => async (message) => {
    const { rows, is_more } = await ask(fields(message));
    return { cases: rows.map(({ id }) => ({ case_id: id, changed_at: changed.get(id) ?? id })), is_more };
  };
  const { cases } = await caseRequests(passOn, null).cases({});
  assert.deepEqual(
    cases.map(({ case_id }) => case_id),
    [8, 9, 3, 1, 7, 6, 5, 4, 2],
  );
});
