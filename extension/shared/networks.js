/**
 * The big networks, and how the address of an account looks there. In a form `{}` stands for a name, `{digits}` for a
 * number, `{lang}` for a language such as `de` or `pt-br`. Forms of one account name the same; the first is how it is
 * kept. Networks without addresses for accounts, such as those for dating, are not here.
 */

/**
 * @typedef {object} Account
 * @property {string[]} forms
 * @property {boolean} [foldsCase] whether Anna and anna are the same
 *
 * @typedef {object} Network
 * @property {string} name
 * @property {string[]} hosts without `www.`; the first is how it is kept
 * @property {RegExp} [otherHosts] of the same network: its hosts for countries
 * @property {Account[]} accounts the first that fits counts
 * @property {string[]} [reserved] words in the place of a name that name no account
 *
 * @typedef {object} HostNetwork where each account has a host of its own
 * @property {string} name
 * @property {string} under
 * @property {string[]} reserved
 */

/** @type {Network[]} */
export const NETWORKS = [
  {
    name: "Instagram",
    hosts: ["instagram.com", "m.instagram.com"],
    accounts: [{ forms: ["/{}", "/stories/{}"], foldsCase: true }],
    reserved: [
      "about",
      "accounts",
      "ar",
      "developer",
      "direct",
      "explore",
      "legal",
      "p",
      "reel",
      "reels",
      "stories",
      "tv",
    ],
  },
  {
    name: "Threads",
    hosts: ["threads.net", "threads.com"],
    accounts: [{ forms: ["/@{}"], foldsCase: true }],
  },
  {
    name: "Facebook",
    hosts: ["facebook.com", "m.facebook.com", "web.facebook.com", "mbasic.facebook.com", "touch.facebook.com"],
    otherHosts: /^[a-z]{2}-[a-z]{2}\.facebook\.com$/,
    accounts: [
      { forms: ["/profile.php?id={digits}"] },
      { forms: ["/people/{}/{digits}"] },
      { forms: ["/{}"], foldsCase: true },
    ],
    reserved: [
      ..."about ads bookmarks business dialog events friends gaming groups hashtag help home.php legal login login.php".split(
        " ",
      ),
      ..."marketplace media messages notifications pages people permalink.php photo photo.php photos plugins policies".split(
        " ",
      ),
      ..."privacy profile.php public reel reels saved search settings share sharer sharer.php stories story.php watch".split(
        " ",
      ),
    ],
  },
  {
    name: "X",
    hosts: ["x.com", "twitter.com", "mobile.x.com", "mobile.twitter.com", "m.twitter.com"],
    accounts: [{ forms: ["/{}"], foldsCase: true }],
    reserved: [
      ..."about compose explore hashtag home i intent jobs login logout messages notifications privacy search".split(
        " ",
      ),
      ..."settings share signup tos".split(" "),
    ],
  },
  {
    name: "TikTok",
    hosts: ["tiktok.com", "m.tiktok.com"],
    accounts: [{ forms: ["/@{}"], foldsCase: true }],
  },
  {
    name: "抖音",
    hosts: ["douyin.com"],
    accounts: [{ forms: ["/user/{}"] }],
    reserved: ["self"],
  },
  {
    name: "微博",
    hosts: ["weibo.com", "m.weibo.cn", "weibo.cn", "m.weibo.com"],
    accounts: [
      { forms: ["/u/{digits}", "/profile/{digits}", "/{digits}"] },
      { forms: ["/n/{}"] },
      { forms: ["/{}"], foldsCase: true },
    ],
    reserved: [
      ..."a ajax at detail fav home hot like login login.php message mygroups n newlogin p profile search set status".split(
        " ",
      ),
      ..."tv ttarticle u".split(" "),
    ],
  },
  {
    name: "小红书",
    hosts: ["xiaohongshu.com", "rednote.com"],
    accounts: [{ forms: ["/user/profile/{}"] }],
  },
  {
    name: "LinkedIn",
    hosts: ["linkedin.com", "m.linkedin.com"],
    otherHosts: /^[a-z]{2}\.linkedin\.com$/,
    accounts: [
      { forms: ["/in/{}"], foldsCase: true },
      { forms: ["/company/{}"], foldsCase: true },
    ],
  },
  {
    name: "Pinterest",
    hosts: [
      "pinterest.com",
      ..."at ca ch cl co.kr co.uk com.au com.mx de dk es fr ie info it jp nz ph pt ru se"
        .split(" ")
        .map((end) => `pinterest.${end}`),
    ],
    otherHosts: /^[a-z]{2}\.pinterest\.com$/,
    accounts: [{ forms: ["/{}"], foldsCase: true }],
    reserved: [
      ..."about business categories explore homefeed idea ideas login news pin pin-creation-tool resource search settings".split(
        " ",
      ),
      ..."signup today topics videos".split(" "),
    ],
  },
  {
    name: "YouTube",
    hosts: ["youtube.com", "m.youtube.com"],
    accounts: [
      { forms: ["/@{}"], foldsCase: true },
      { forms: ["/channel/{}"] },
      { forms: ["/c/{}"], foldsCase: true },
      { forms: ["/user/{}"], foldsCase: true },
    ],
  },
  {
    name: "哔哩哔哩",
    hosts: ["space.bilibili.com"],
    accounts: [{ forms: ["/{digits}"] }],
  },
  {
    name: "Etsy",
    hosts: ["etsy.com"],
    accounts: [
      { forms: ["/shop/{}", "/{lang}/shop/{}"], foldsCase: true },
      { forms: ["/people/{}", "/{lang}/people/{}"], foldsCase: true },
    ],
  },
  {
    name: "Flickr",
    hosts: ["flickr.com", "m.flickr.com"],
    accounts: [{ forms: ["/photos/{}", "/people/{}"], foldsCase: true }],
    reserved: ["tags"],
  },
  {
    name: "Reddit",
    hosts: ["reddit.com", "old.reddit.com", "new.reddit.com", "m.reddit.com"],
    accounts: [{ forms: ["/user/{}", "/u/{}"], foldsCase: true }],
    reserved: ["me"],
  },
  {
    name: "ВКонтакте",
    hosts: ["vk.com", "m.vk.com", "vk.ru", "m.vk.ru"],
    accounts: [{ forms: ["/{}"], foldsCase: true }],
    reserved: [
      "about",
      "al_feed.php",
      "clips",
      "feed",
      "friends",
      "groups",
      "im",
      "jobs",
      "login",
      "market",
      "search",
      "settings",
      "video",
    ],
  },
];

/** @type {HostNetwork[]} */
export const HOST_NETWORKS = [
  {
    name: "淘宝",
    under: "taobao.com",
    reserved: [
      ..."2 a ai.m bbs buy buyertrade cart click detail favorite h5 h5.m huodong i img item jiyoujia list live login".split(
        " ",
      ),
      ..."m main.m market member.m my myseller open passport pages pub.alimama rate s shop shopsearch sale search".split(
        " ",
      ),
      ..."seller service tw uland world world.m www".split(" "),
    ],
  },
  {
    name: "天猫",
    under: "tmall.com",
    reserved: [
      ..."3c brand chaoshi detail detail.m food item list login m nvzhuang pages pages.m search world www yao".split(
        " ",
      ),
    ],
  },
  { name: "Tumblr", under: "tumblr.com", reserved: ["api", "assets", "embed", "m", "media", "static", "www"] },
];
