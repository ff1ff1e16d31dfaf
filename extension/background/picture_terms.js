/** On which terms the companion is asked about a picture: who fetches it, what its site is told, who can hand it in. */

export class PictureTerms {
  #documents;
  #policies;
  #fetching;

  /**
   * @param {object} parts
   * @param {import("./documents.js").Documents} parts.documents
   * @param {import("./referrer_policies.js").ReferrerPolicies} parts.policies
   * @param {import("./fetching.js").Fetching} parts.fetching
   */
  constructor({ documents, policies, fetching }) {
    this.#documents = documents;
    this.#policies = policies;
    this.#fetching = fetching;
  }

  /** What goes with a request. @param {boolean} isPrivate whether the page is in a private window */
  ofRequest(isPrivate) {
    return isPrivate ? { who_fetches: "browser", is_private: true } : { who_fetches: this.#fetching.state.who };
  }

  /** @param {string} token of a document */
  isPrivate(token) {
    return this.#documents.withToken(token)?.port.sender?.tab?.incognito === true;
  }

  /**
   * What goes with one picture, beside its key.
   * @param {{token: string, address: string, referrer_policy?: string | undefined}} picture
   */
  ofPicture({ token, address, referrer_policy }) {
    const source = this.#documents.withToken(token);
    const place = address === "" ? {} : { address };
    if (!source || /^data:/i.test(address)) return place;
    const document = source.is_top ? undefined : addressOf(source.port.sender);
    const policy = referrer_policy ?? this.#policies.of(source.port);
    // Of a frame that says no address nobody knows what the browser told of it.
    const mayTell = policy !== undefined && (source.is_top || document !== undefined);
    return {
      ...place,
      may_supply: true,
      ...(document === undefined ? {} : { document }),
      ...(mayTell ? { referrer_policy: policy } : {}),
    };
  }
}

/** @param {chrome.runtime.MessageSender | undefined} sender */
function addressOf(sender) {
  const addresses = [sender?.url, sender?.origin && `${sender.origin}/`];
  return addresses.find((address) => address && /^https?:/i.test(address))?.split("#", 1)[0];
}
