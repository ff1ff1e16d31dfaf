/** Starts the search for pictures in one document, and starts it anew when an application changes its own address. */

{
  const LONGEST_TITLE = 1_000; // characters, as in background/page_identity.js
  const isTop = window === window.top;
  const token = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(36)).join("");
  const ledger = new Ledger();
  const addressNow = () => location.href.split("#", 1)[0] ?? "";
  let address = addressNow();

  const reportAgain = () => {
    ledger.forget();
    watch.examineAgain(document);
  };

  const titleNow = () => document.title.slice(0, LONGEST_TITLE).toWellFormed();

  /** @returns {FromPage} */
  const introduce = () => ({ type: "document", token, address, title: titleNow(), settled: ledger.settled });

  const beginAgain = () => {
    reportAgain();
    courier.tell(introduce()); // counting begins anew
  };

  const pointer = new Pointer();
  const showing = new Showing();
  const slides = new Slides();

  /** @param {ToPage} message */
  const answer = (message) => {
    if (message.type === "give") supply.give(message.key);
    else if (message.type === "under_pointer") courier.tell(pointer.describe());
    else if (message.type === "show") showing.show(message.key);
    else if (message.type === "marks") showing.mark(message.keys);
    else if (message.type === "measure") courier.tell({ type: "size", size: pageSize() });
    else if (message.type === "give_text") for (const part of textParts(document)) courier.tell(part);
    else if (message.type === "restore") courier.tell(slides.restore());
    else if (message.type === "scroll") slides.scroll(message).then((answer) => courier.tell(answer));
  };

  const courier = new Courier(ledger, introduce, beginAgain, answer);
  const supply = new Supply(
    (key) => ledger.originOf(key) ?? pointer.originOf(key),
    (message) => courier.tell(message),
  );

  const noticeMove = () => {
    if (!isTop || addressNow() === address) return;
    address = addressNow();
    courier.tell({ type: "moved", address, title: titleNow() });
    reportAgain();
  };

  const watch = new Watch((picture) => {
    showing.note(keyOf(picture.source), picture.element);
    const news = ledger.note(picture);
    if (news === "new") courier.sendSoon();
    if (news === "nearer") courier.sayNearer(keyOf(picture.source));
  }, noticeMove);

  const begin = () => {
    addEventListener("popstate", noticeMove);
    // Coming back from the back-forward cache: the worker forgot this document when it left.
    addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      ledger.forget();
      courier.connect();
      watch.examineAgain(document);
    });
    pointer.begin();
    courier.connect();
    watch.beginNow(document);
  };

  // A page that Chromium loads ahead is nobody's until it is shown; before that it is not even a tab's top document.
  if ("prerendering" in document && document.prerendering) {
    document.addEventListener("prerenderingchange", begin, { once: true });
  } else {
    begin();
  }
}
