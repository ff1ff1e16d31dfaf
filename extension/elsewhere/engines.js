/**
 * Engines that find pictures on the web: who runs each, and how it is asked. Addresses as the engines and other programs
 * use them, collected at the date below; an engine may change them at any time, and then its own page helps.
 */

export const COLLECTED = "2026-11-23";

/**
 * @typedef {object} Engine
 * @property {string} name
 * @property {string} company that gets what is sent
 * @property {string} country its ISO 3166 code
 * @property {string} page where a picture can be pasted or uploaded
 * @property {string | null} search where `{}` stands for the picture's address; null where it takes none
 */

/** @type {Engine[]} */
export const ENGINES = [
  {
    name: "TinEye",
    company: "Idée Inc.",
    country: "CA",
    page: "https://tineye.com/",
    search: "https://tineye.com/search?url={}",
  },
  {
    name: "Google Lens",
    company: "Google",
    country: "US",
    page: "https://images.google.com/",
    search: "https://lens.google.com/uploadbyurl?url={}",
  },
  {
    name: "Bing",
    company: "Microsoft",
    country: "US",
    page: "https://www.bing.com/visualsearch",
    search: "https://www.bing.com/images/search?view=detailv2&iss=sbi&sbisrc=UrlPaste&q=imgurl:{}",
  },
  {
    name: "Yandex",
    company: "Яндекс",
    country: "RU",
    page: "https://yandex.com/images/",
    search: "https://yandex.com/images/search?rpt=imageview&url={}",
  },
  {
    name: "百度识图",
    company: "百度",
    country: "CN",
    page: "https://graph.baidu.com/pcpage/index?tpl_from=pc",
    search: null,
  },
  {
    name: "搜狗识图",
    company: "搜狗（腾讯）",
    country: "CN",
    page: "https://pic.sogou.com/",
    search: "https://pic.sogou.com/ris?query={}",
  },
  {
    name: "360识图",
    company: "奇虎360",
    country: "CN",
    page: "https://st.so.com/",
    search: null,
  },
];

const LONGEST = 2_000; // characters: longer ones are refused by the engines, and mostly hold more than an address

/** Whether an engine could fetch a picture from there. @param {string} address */
export function isSendable(address) {
  if (address.length > LONGEST || !URL.canParse(address)) return false;
  const { protocol, username, password } = new URL(address);
  return /^https?:$/.test(protocol) && !username && !password;
}

/** @param {Engine} engine @param {string} address of the picture @returns {string | null} */
export const searchAddress = ({ search }, address) =>
  search && isSendable(address) ? search.replace("{}", () => encodeURIComponent(new URL(address).href)) : null;
