/**
 * Where somebody helps, by country. Names, numbers and addresses as those organisations and public authorities publish
 * them, collected at the date below; nobody was called and no page was opened for it, which the page says.
 */

export const COLLECTED = "2026-11-23";

/**
 * @typedef {"intimate" | "children" | "violence" | "rights" | "report" | "police" | "despair"} HelpKind
 *
 * @typedef {object} HelpPlace
 * @property {HelpKind} kind
 * @property {string} name as it calls itself
 * @property {string} [phone]
 * @property {string} [page]
 *
 * @typedef {object} HelpCountry
 * @property {string} emergency the number for danger right now
 * @property {HelpPlace[]} places
 */

/** Where search engines take intimate pictures out of what they find. */
export const SEARCH_REMOVALS = [
  { name: "Google", page: "https://support.google.com/websearch/answer/6302812" },
  { name: "Bing", page: "https://www.microsoft.com/concern/nonconsensualintimateimagery" },
];

/** @param {HelpKind} kind @param {string} name @param {string} [phone] @param {string} [page] @returns {HelpPlace} */
const at = (kind, name, phone = "", page = "") => ({ kind, name, phone, page });

/** By ISO 3166 code. @type {Record<string, HelpCountry>} */
export const COUNTRIES = {
  AU: {
    emergency: "000",
    places: [
      at("intimate", "eSafety Commissioner", "", "https://www.esafety.gov.au/report"),
      at("violence", "1800RESPECT", "1800 737 732", "https://www.1800respect.org.au/"),
      at("children", "Kids Helpline", "1800 55 1800", "https://kidshelpline.com.au/"),
      at("police", "ReportCyber", "", "https://www.cyber.gov.au/report"),
      at("despair", "Lifeline", "13 11 14"),
    ],
  },
  BR: {
    emergency: "190",
    places: [
      at("intimate", "SaferNet Brasil – Canal de Ajuda", "", "https://www.canaldeajuda.org.br/"),
      at("violence", "Central de Atendimento à Mulher", "180"),
      at("children", "Disque Direitos Humanos", "100"),
      at("report", "SaferNet – Denuncie", "", "https://new.safernet.org.br/denuncie"),
      at("despair", "CVV", "188", "https://cvv.org.br/"),
    ],
  },
  CA: {
    emergency: "911",
    places: [
      at("intimate", "NeedHelpNow.ca", "", "https://needhelpnow.ca/"),
      at("children", "Cybertip.ca", "1-866-658-9022", "https://www.cybertip.ca/"),
      at("children", "Kids Help Phone", "1-800-668-6868", "https://kidshelpphone.ca/"),
      at("despair", "988 Suicide Crisis Helpline", "988"),
    ],
  },
  CN: {
    emergency: "110",
    places: [
      at("report", "中央网信办（国家互联网信息办公室）举报中心", "12377", "https://www.12377.cn/"),
      at("police", "公安机关", "110"),
      at("police", "网络违法犯罪举报网站", "", "https://cyberpolice.mps.gov.cn/"),
      at("violence", "妇女维权公益服务热线", "12338"),
      at("children", "青少年服务台", "12355"),
      at("rights", "公共法律服务热线", "12348", "https://www.12348.gov.cn/"),
      at("despair", "全国统一心理援助热线", "12356"),
    ],
  },
  DE: {
    emergency: "112 / 110",
    places: [
      at("intimate", "HateAid", "", "https://hateaid.org/"),
      at("violence", "Hilfetelefon Gewalt gegen Frauen", "116 016", "https://www.hilfetelefon.de/"),
      at("violence", "Weisser Ring", "116 006", "https://weisser-ring.de/"),
      at("children", "Nummer gegen Kummer", "116 111", "https://www.nummergegenkummer.de/"),
      at("despair", "Telefonseelsorge", "0800 111 0 111"),
    ],
  },
  ES: {
    emergency: "112",
    places: [
      at("intimate", "AEPD – Canal Prioritario", "", "https://www.aepd.es/canalprioritario"),
      at(
        "rights",
        "INCIBE – Tu Ayuda en Ciberseguridad",
        "017",
        "https://www.incibe.es/linea-de-ayuda-en-ciberseguridad",
      ),
      at("violence", "Atención a víctimas de violencia contra las mujeres", "016"),
      at("children", "ANAR", "116 111", "https://www.anar.org/"),
      at("despair", "Línea 024", "024"),
    ],
  },
  FR: {
    emergency: "112 / 17",
    places: [
      at("intimate", "3018 – e-Enfance", "3018", "https://3018.fr/"),
      at("report", "PHAROS", "", "https://www.internet-signalement.gouv.fr/"),
      at("violence", "Violences Femmes Info", "3919"),
      at("rights", "France Victimes", "116 006", "https://www.france-victimes.fr/"),
      at("despair", "Prévention du suicide", "3114"),
    ],
  },
  GB: {
    emergency: "999",
    places: [
      at("intimate", "Revenge Porn Helpline", "0345 6000 459", "https://revengepornhelpline.org.uk/"),
      at("children", "Report Remove (Childline, IWF)", "0800 1111", "https://www.childline.org.uk/remove"),
      at("report", "Report Harmful Content", "", "https://reportharmfulcontent.com/"),
      at("rights", "Victim Support", "0808 16 89 111", "https://www.victimsupport.org.uk/"),
      at("police", "Police (101)", "101", "https://www.police.uk/"),
      at("despair", "Samaritans", "116 123"),
    ],
  },
  HK: {
    emergency: "999",
    places: [
      at("intimate", "風雨蘭 RainLily (Ta-DA)", "2375 5322", "https://rainlily.org.hk/"),
      at("rights", "個人資料私隱專員公署 PCPD", "2827 2827", "https://www.pcpd.org.hk/"),
      at("despair", "撒瑪利亞防止自殺會", "2389 2222"),
    ],
  },
  IE: {
    emergency: "112 / 999",
    places: [
      at("intimate", "Hotline.ie", "", "https://www.hotline.ie/"),
      at("violence", "Women’s Aid", "1800 341 900", "https://www.womensaid.ie/"),
      at("children", "Childline", "1800 66 66 66", "https://www.childline.ie/"),
      at("despair", "Samaritans", "116 123"),
    ],
  },
  IN: {
    emergency: "112",
    places: [
      at("report", "National Cyber Crime Reporting Portal", "1930", "https://cybercrime.gov.in/"),
      at("violence", "Women Helpline", "181"),
      at("children", "Childline", "1098"),
      at("despair", "Tele-MANAS", "14416"),
    ],
  },
  IT: {
    emergency: "112",
    places: [
      at("intimate", "PermessoNegato", "", "https://www.permessonegato.it/"),
      at("rights", "Garante per la protezione dei dati personali", "", "https://www.garanteprivacy.it/"),
      at("violence", "Antiviolenza e stalking", "1522"),
      at("children", "Emergenza Infanzia", "114"),
      at("police", "Polizia Postale", "", "https://www.commissariatodips.it/"),
    ],
  },
  JP: {
    emergency: "110",
    places: [
      at("intimate", "セーフライン", "", "https://www.safe-line.jp/"),
      at("intimate", "NPO法人ぱっぷす", "", "https://www.paps.jp/"),
      at("rights", "違法・有害情報相談センター", "", "https://ihaho.jp/"),
      at("rights", "みんなの人権110番", "0570-003-110", "https://www.jinken.go.jp/"),
      at("violence", "性犯罪・性暴力被害者のためのワンストップ支援センター", "#8891"),
      at("police", "警察相談専用電話", "#9110"),
    ],
  },
  KR: {
    emergency: "112",
    places: [
      at("intimate", "중앙디지털성범죄피해자지원센터", "1366 / 02-735-8994", "https://d4u.stop.or.kr/"),
      at("children", "청소년전화", "1388"),
      at("police", "경찰청 사이버범죄 신고시스템", "182", "https://ecrm.police.go.kr/"),
      at("despair", "자살예방 상담전화", "109"),
    ],
  },
  NZ: {
    emergency: "111",
    places: [
      at("intimate", "Netsafe", "0508 638 723", "https://netsafe.org.nz/"),
      at("violence", "Women’s Refuge", "0800 733 843", "https://womensrefuge.org.nz/"),
      at("despair", "Need to talk?", "1737"),
    ],
  },
  TW: {
    emergency: "110",
    places: [
      at("intimate", "性影像處理中心", "02-6605-7373", "https://siarc.mohw.gov.tw/"),
      at("violence", "保護專線", "113"),
      at("children", "iWIN 網路內容防護機構", "", "https://i.win.org.tw/"),
      at("police", "反詐騙諮詢專線", "165"),
      at("despair", "安心專線", "1925"),
    ],
  },
  US: {
    emergency: "911",
    places: [
      at("intimate", "CCRI Image Abuse Helpline", "844-878-2274", "https://cybercivilrights.org/"),
      at("children", "NCMEC CyberTipline", "1-800-843-5678", "https://report.cybertip.org/"),
      at("police", "FBI Internet Crime Complaint Center", "", "https://www.ic3.gov/"),
      at("violence", "RAINN", "800-656-4673", "https://rainn.org/"),
      at("despair", "988 Suicide & Crisis Lifeline", "988"),
    ],
  },
};

/** Elsewhere in the European Union the same numbers hold in every country. @type {HelpCountry} */
const EUROPEAN_UNION = {
  emergency: "112",
  places: [
    at("children", "Child helpline", "116 111", "https://better-internet-for-kids.europa.eu/"),
    at("rights", "Helpline for victims of crime", "116 006", "https://victim-support.eu/"),
    at("violence", "Helpline for victims of violence against women", "116 016"),
    at("report", "INHOPE", "", "https://www.inhope.org/"),
    at("despair", "Emotional support", "116 123"),
  ],
};
COUNTRIES.EU = EUROPEAN_UNION;

const MEMBERS = new Set("AT BE BG CY CZ DK EE FI GR HR HU LT LU LV MT NL PL PT RO SE SI SK".split(" "));

/**
 * The country that the browser's languages speak of.
 * @param {readonly string[]} languages best first
 * @returns {string} a code of COUNTRIES; "" where none is named
 */
export function likelyCountry(languages) {
  for (const language of languages) {
    const region = regionOf(language);
    if (Object.hasOwn(COUNTRIES, region)) return region;
    if (MEMBERS.has(region)) return "EU";
  }
  return "";
}

/** @param {string} language */
function regionOf(language) {
  try {
    return new Intl.Locale(language).region ?? "";
  } catch {
    return "";
  }
}
