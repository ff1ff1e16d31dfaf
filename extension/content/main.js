/** Starts the search for pictures in one document, and starts it anew when an application changes its own address. */

{
  const isTop = window === window.top;
  const token = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(36)).join("");
  const ledger = new Ledger();
  const addressNow = () => location.href.split("#", 1)[0] ?? "";
  let address = addressNow();

  const reportAgain = () => {
    ledger.forget();
    watch.examineAgain(document);
  };

  const courier = new Courier(
    ledger,
    () => ({ type: "document", token, is_top: isTop, address, title: document.title, settled: ledger.settled }),
    reportAgain,
  );

  const noticeMove = () => {
    if (!isTop || addressNow() === address) return;
    address = addressNow();
    courier.tell({ type: "moved", address, title: document.title });
    reportAgain();
  };

  const watch = new Watch((picture) => {
    const news = ledger.note(picture);
    if (news === "new") courier.sendSoon();
    if (news === "nearer") courier.sayNearer(picture.address);
  }, noticeMove);

  addEventListener("popstate", noticeMove);
  // Coming back from the back-forward cache: the worker forgot this document when it left.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    ledger.forget();
    courier.connect();
    watch.examineAgain(document);
  });

  courier.connect();
  watch.begin(document);
}
