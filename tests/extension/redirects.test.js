/** Where the browser was asked to go, of pages that redirects led to. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Redirects } from "../../extension/background/redirects.js";

const LINK = "https://short.example/x";
const MIDDLE = "https://middle.example/";
const PAGE = "https://page.example/p?q";

function led(...addresses) {
  const redirects = new Redirects();
  for (let step = 1; step < addresses.length; step += 1) {
    redirects.hearRedirect({ tabId: 1, requestId: "a", url: addresses[step - 1], redirectUrl: addresses[step] });
  }
  redirects.hearAnswer({ tabId: 1, requestId: "a", type: "main_frame" });
  return redirects;
}

test("the first address of the way is told, and only of the page that it led to", () => {
  const redirects = led(`${LINK}#part`, MIDDLE, `${PAGE}#part`);
  assert.equal(redirects.firstOf(1, PAGE), LINK);
  assert.equal(redirects.firstOf(1, MIDDLE), undefined);
  assert.equal(redirects.firstOf(2, PAGE), undefined);
});

test("a page that leads to itself was not redirected", () => {
  assert.equal(led(PAGE, MIDDLE, PAGE).firstOf(1, PAGE), undefined);
});

test("a later visit without redirects is a way of its own", () => {
  const redirects = led(LINK, PAGE);
  redirects.hearAnswer({ tabId: 1, requestId: "b", type: "sub_frame" });
  assert.equal(redirects.firstOf(1, PAGE), LINK);
  redirects.hearAnswer({ tabId: 1, requestId: "b", type: "main_frame" });
  assert.equal(redirects.firstOf(1, PAGE), undefined);
});

test("a new way begins with its own first address", () => {
  const redirects = led(LINK, PAGE);
  redirects.hearRedirect({ tabId: 1, requestId: "b", url: MIDDLE, redirectUrl: PAGE });
  assert.equal(redirects.firstOf(1, PAGE), MIDDLE);
});

test("an address without end is cut, and tabs without end are forgotten", () => {
  const redirects = led(`${LINK}${"x".repeat(100_000)}`, PAGE);
  assert.ok(redirects.firstOf(1, PAGE).length < 65_536);
  for (let tabId = 2; tabId < 1_000; tabId += 1) {
    redirects.hearRedirect({ tabId, requestId: "c", url: LINK, redirectUrl: PAGE });
  }
  assert.equal(redirects.firstOf(1, PAGE), undefined);
  assert.equal(redirects.firstOf(999, PAGE), LINK);
});
