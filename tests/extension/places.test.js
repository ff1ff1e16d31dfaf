/** Which addresses a place means: everything that looks like it and is not must not be taken for it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { NETWORKS } from "../../extension/shared/networks.js";
import { accountAt, holdsAt, pageAt, patternIn, siteAt } from "../../extension/shared/places.js";

const below = (pattern) => ({ pattern, reach: "below" });

const INSIDE = [
  ["instagram.com/anna", "https://www.instagram.com/anna/"],
  ["instagram.com/anna", "https://instagram.com/anna"],
  ["instagram.com/anna", "https://WWW.INSTAGRAM.COM/Anna/?hl=de#top"],
  ["instagram.com/anna", "https://www.instagram.com/anna/p/CxYz/"],
  ["instagram.com/anna", "https://www.instagram.com/stories/anna/123/"],
  ["www.Instagram.com/Anna/", "https://www.instagram.com/anna/"],
  ["instagram.com/anna.b_c", "https://www.instagram.com/anna.b_c/tagged/"],
  ["instagram.com/anna", "https://www.instagram.com/%61nna/"],
  ["instagram.com/anna", "https://www.instagram.com/evil/../anna/"],
  ["x.com/anna", "https://twitter.com/Anna/status/1"],
  ["x.com/anna", "https://mobile.twitter.com/anna"],
  ["tiktok.com/@anna.x", "https://www.tiktok.com/@anna.x/video/7"],
  ["douyin.com/user/MS4wLjAB", "https://www.douyin.com/user/MS4wLjAB?from=share"],
  ["weibo.com/u/1234567890", "https://weibo.com/1234567890/AbCd"],
  ["weibo.com/u/1234567890", "https://m.weibo.cn/profile/1234567890"],
  ["weibo.com/n/小明", "https://weibo.com/n/%E5%B0%8F%E6%98%8E"],
  ["xiaohongshu.com/user/profile/5f00aa", "https://www.xiaohongshu.com/user/profile/5f00aa?x=1"],
  ["linkedin.com/in/anna-b", "https://de.linkedin.com/in/anna-b/details/experience/"],
  ["pinterest.com/anna", "https://www.pinterest.co.uk/anna/board/"],
  ["pinterest.com/anna", "https://de.pinterest.com/Anna/"],
  ["youtube.com/@anna", "https://m.youtube.com/@Anna/shorts"],
  ["youtube.com/channel/UCabc", "https://www.youtube.com/channel/UCabc/videos"],
  ["space.bilibili.com/123", "https://space.bilibili.com/123/dynamic"],
  ["etsy.com/shop/annaknits", "https://www.etsy.com/de/shop/AnnaKnits?ref=x"],
  ["facebook.com/profile.php?id=100001", "https://m.facebook.com/profile.php?v=photos&id=100001"],
  ["facebook.com/people/Anna-B/100001", "https://www.facebook.com/people/Anna-B/100001/"],
  ["facebook.com/anna.b", "https://de-de.facebook.com/anna.b/photos"],
  ["shop123.taobao.com", "https://shop123.taobao.com/category.htm"],
  ["blog.example", "https://blog.example/2020/a.html?x=1"],
  ["blog.example", "https://www.blog.example/"],
  ["blog.example:8443/me", "https://blog.example:8443/me/"],
  ["xn--bcher-kva.example", "https://bücher.example/x"],
  ["bücher.example", "https://xn--bcher-kva.example/"],
  ["http://wiki.local/anna", "http://wiki.local/anna/x"],
  ["http://wiki.local/anna", "https://wiki.local/anna"],
  ["a.example/x%2Fy", "https://a.example/x%2fy/z"],
  ["a.example/x?id=7", "https://a.example/x?page=2&id=7"],
];

const OUTSIDE = [
  ["instagram.com/anna", "https://instagram.com.evil.example/anna"],
  ["instagram.com/anna", "https://evil.example/instagram.com/anna"],
  ["instagram.com/anna", "https://evil.example/?https://instagram.com/anna"],
  ["instagram.com/anna", "https://evil.example/#https://instagram.com/anna"],
  ["instagram.com/anna", "https://instagram.com@evil.example/anna"],
  ["instagram.com/anna", "https://instagram.com%2fanna@evil.example/"],
  ["instagram.com/anna", "https://evilinstagram.com/anna"],
  ["instagram.com/anna", "https://instagram.co/anna"],
  ["instagram.com/anna", "https://instagram.com./anna"],
  ["instagram.com/anna", "https://instagram.com:8443/anna"],
  ["instagram.com/anna", "https://anna.instagram.com/"],
  ["instagram.com/anna", "https://іnstagram.com/anna"], // a Cyrillic і
  ["instagram.com/anna", "https://www.instagram.com/annab"],
  ["instagram.com/anna", "https://www.instagram.com/anna.b"],
  ["instagram.com/anna", "https://www.instagram.com/anna%2Fp"],
  ["instagram.com/anna", "https://www.instagram.com/anna%00"],
  ["instagram.com/anna", "https://www.instagram.com/аnna"], // a Cyrillic а
  ["instagram.com/anna", "https://www.instagram.com//anna"],
  ["instagram.com/anna", "https://www.instagram.com/bert/anna"],
  ["instagram.com/anna", "https://www.instagram.com/anna/../bert"],
  ["instagram.com/anna", "https://www.instagram.com/anna/%2e%2e/bert"],
  ["instagram.com/anna", "https://www.instagram.com/bert?u=/anna"],
  ["instagram.com/anna", "http://www.instagram.com/anna"],
  ["instagram.com/anna", "ftp://www.instagram.com/anna"],
  ["instagram.com/anna", "file:///instagram.com/anna"],
  ["instagram.com/anna", "data:text/html,instagram.com/anna"],
  ["instagram.com/anna", "about:blank"],
  ["instagram.com/anna", "instagram.com/anna"],
  ["instagram.com/anna", ""],
  ["instagram.com/anna", "https://www.instagram.com/"],
  ["instagram.com/anna", "https://www.facebook.com/anna"],
  ["youtube.com/channel/UCabc", "https://www.youtube.com/channel/ucABC"],
  ["facebook.com/profile.php?id=100001", "https://www.facebook.com/profile.php?id=100002"],
  ["facebook.com/profile.php?id=100001", "https://www.facebook.com/profile.php?id=1000011"],
  ["facebook.com/profile.php?id=100001", "https://www.facebook.com/profile.php?id=100002&x=id%3D100001"],
  ["facebook.com/profile.php?id=100001", "https://www.facebook.com/profile.php"],
  ["shop123.taobao.com", "https://shop124.taobao.com/"],
  ["shop123.taobao.com", "https://item.taobao.com/?shop=shop123"],
  ["blog.example", "https://other.blog.example/"],
  ["wordpress.com", "https://evil.wordpress.com/"],
  ["blog.example", "https://blog.example.evil.example/"],
  ["a.example/Anna", "https://a.example/anna"], // nobody said that this site folds cases
  ["a.example/x/y", "https://a.example/x%2Fy"],
  ["a.example/x?id=7", "https://a.example/x?id=8"],
  ["127.0.0.1", "https://127.0.0.2/"],
  ["", "https://a.example/"],
  ["https://", "https://a.example/"],
  [" ", "https://a.example/"],
];

for (const [pattern, address] of INSIDE) {
  test(`${pattern} means ${address}`, () => assert.equal(holdsAt(below(pattern), address), true));
}

for (const [pattern, address] of OUTSIDE) {
  test(`${pattern || "no pattern"} does not mean ${address || "nothing"}`, () =>
    assert.equal(holdsAt(below(pattern), address), false));
}

test("a page is that page alone, with its question", () => {
  const page = (pattern, address) => holdsAt({ pattern, reach: "page" }, address);
  assert.ok(page(pageAt("https://a.example/x/?id=7#top"), "https://a.example/x?id=7"));
  assert.ok(!page("a.example/x", "https://a.example/x/y"));
  assert.ok(!page("a.example/x", "https://a.example/x?id=7"));
  assert.ok(!page("a.example/x?id=7", "https://a.example/x"));
  assert.ok(!page("a.example/x?id=7", "https://a.example/x?id=7&more=1"));
  assert.ok(page("a.example", "https://a.example/"));
});

test("what is kept of an address leads back to it, whatever it holds", () => {
  const addresses = [
    "https://a.example/%3Fq/%23f/a%25b/c%20d/%E2%80%AEx?k%26=v%3D%2B&e=",
    "https://a.example//double//",
    "http://[::1]:8080/x",
    "https://a.example/?a=1&a=2",
    "https://a.example/%ff/x",
  ];
  for (const address of addresses) {
    const pattern = pageAt(address);
    assert.ok(holdsAt({ pattern, reach: "page" }, address), `${address} as ${pattern}`);
    assert.equal(pageAt(/^http:/.test(pattern) ? pattern : `https://${pattern}`), pattern);
    assert.doesNotMatch(pattern, /[\s\p{Cf}\p{Cc}]/u);
  }
});

test("the account is told from the pages of the network itself", () => {
  const accounts = {
    "https://www.instagram.com/Anna.B/?hl=de": "instagram.com/anna.b",
    "https://www.instagram.com/p/CxYz/": null,
    "https://www.instagram.com/explore/": null,
    "https://www.instagram.com/": null,
    "https://x.com/home": null,
    "https://x.com/Anna/status/1": "x.com/anna",
    "https://www.facebook.com/profile.php?id=100001&sk=photos": "facebook.com/profile.php?id=100001",
    "https://www.facebook.com/photo/?fbid=1": null,
    "https://www.facebook.com/people/Anna-B/100001/": "facebook.com/people/Anna-B/100001",
    "https://www.tiktok.com/@anna": "tiktok.com/@anna",
    "https://www.tiktok.com/foryou": null,
    "https://www.tiktok.com/@": null,
    "https://www.douyin.com/user/self": null,
    "https://weibo.com/1234567890/AbCd": "weibo.com/u/1234567890",
    "https://weibo.com/xiaoming": "weibo.com/xiaoming",
    "https://weibo.com/hot/weibo": null,
    "https://www.xiaohongshu.com/explore/1": null,
    "https://www.xiaohongshu.com/user/profile/5f": "xiaohongshu.com/user/profile/5f",
    "https://www.linkedin.com/feed/": null,
    "https://uk.linkedin.com/in/Anna/": "linkedin.com/in/anna",
    "https://www.pinterest.de/pin/123/": null,
    "https://www.youtube.com/watch?v=1": null,
    "https://www.youtube.com/@Anna": "youtube.com/@anna",
    "https://www.bilibili.com/video/BV1": null,
    "https://space.bilibili.com/123?x=1": "space.bilibili.com/123",
    "https://www.etsy.com/listing/1": null,
    "https://www.etsy.com/pt-br/shop/AnnaKnits": "etsy.com/shop/annaknits",
    "https://anna.tmall.com/shop/view.htm": "anna.tmall.com",
    "https://detail.tmall.com/item.htm?id=1": null,
    "https://www.taobao.com/": null,
    "https://instagram.com.evil.example/anna": null,
    "http://instagram.com/anna": "http://instagram.com/anna",
    "about:blank": null,
  };
  for (const [address, pattern] of Object.entries(accounts)) {
    assert.equal(accountAt(address)?.pattern ?? null, pattern, address);
  }
});

test("what the user writes becomes a place, or why it does not", () => {
  assert.deepEqual(patternIn(" https://www.Instagram.com/Anna/?igsh=abc "), { pattern: "instagram.com/anna" });
  assert.deepEqual(patternIn("instagram.com/anna/p/1"), { pattern: "instagram.com/anna" });
  assert.deepEqual(patternIn("blog.example/"), { pattern: "blog.example" });
  assert.deepEqual(patternIn("localhost:8000/x"), { pattern: "localhost:8000/x" });
  assert.deepEqual(patternIn("іnstagram.com/anna"), { pattern: "xn--nstagram-shh.com/anna" });
  for (const network of ["instagram.com", "https://www.facebook.com/", "m.weibo.cn", "taobao.com"]) {
    assert.deepEqual(patternIn(network), { trouble: "whole_network" }, network);
  }
  for (const nothing of [
    "",
    "anna",
    "two words.example",
    "javascript:alert(1)",
    "https://",
    "file:///x",
    "mailto:a@b.example",
  ]) {
    assert.deepEqual(patternIn(nothing), { trouble: "none" }, nothing);
  }
});

test("the whole site is its host", () => {
  assert.equal(siteAt("https://www.blog.example/x?y"), "blog.example");
  assert.equal(siteAt("http://127.0.0.1:8000/x"), "http://127.0.0.1:8000");
  assert.equal(siteAt("about:blank"), null);
});

test("the networks are written so that they can be found", () => {
  const hosts = NETWORKS.flatMap((network) => network.hosts);
  assert.equal(new Set(hosts).size, hosts.length);
  for (const { name, hosts: own, accounts, reserved = [] } of NETWORKS) {
    assert.ok(
      own.every((host) => host === host.toLowerCase() && !host.startsWith("www.")),
      name,
    );
    assert.ok(accounts.length > 0 && accounts.every(({ forms }) => forms.every((form) => /^\/.*\{/.test(form))), name);
    assert.ok(
      reserved.every((word) => word === word.toLowerCase() && word.length > 0),
      name,
    );
  }
});
