// Runs in every frame before the page's own scripts. Reads the list, the thread and the signals, and answers where to
// press. Knows no console: everything comes from the pack.
// Reading only: nothing here writes to the page (the gate in gate.js can only stop events).
(() => {
  const pack = __PACK__;
  const MOST_MESSAGES = 200, MOST_TEXT = 20000, MOST_ORDERS = 20;

  // --- finding -------------------------------------------------------------------------------------------
  // Where the chat is searched: the page, or the end of the pack's chain of open shadow roots once all are there.
  const base = () => {
    let root = document;
    for (const css of pack.shadow) {
      root = root.querySelector(css)?.shadowRoot ?? null;
      if (!root) return document;
    }
    return root;
  };
  const fill = (css, id) => css.replaceAll("{id}", () => CSS.escape(id));
  // A selector made for one conversation, opened to any: [data-id="{id}"] becomes [data-id].
  const opened = new Map();
  const anyId = (css) => {
    if (!opened.has(css)) opened.set(css, css.replace(/[~|^$*]?=\s*(["']?)\{id\}\1/g, ""));
    return opened.get(css);
  };
  const first = (root, list, id) => {
    for (const css of list) {
      const found = root.querySelector(id === undefined ? anyId(css) : fill(css, id));
      if (found) return found;
    }
    return null;
  };
  const all = (root, list, id) => {
    for (const css of list) {
      const found = root.querySelectorAll(id === undefined ? anyId(css) : fill(css, id));
      if (found.length) return found;
    }
    return [];
  };
  const isOrHolds = (el, list) => list.some((css) => el.matches(css) || el.querySelector(css) !== null);
  const shown = (el) => el.checkVisibility({ visibilityProperty: true });

  // --- text ----------------------------------------------------------------------------------------------
  const BLOCKS = new Set(["DIV", "P", "LI", "UL", "OL", "SECTION", "ARTICLE", "TR", "PRE", "BLOCKQUOTE", "H1", "H2", "H3"]);
  const gather = (node, drop, out) => {
    for (const child of node.childNodes) {
      if (child.nodeType === 3) out.push(child.data);
      else if (child.nodeType === 1 && !drop.some((css) => child.matches(css))) {
        if (child.tagName === "BR") out.push("\n");
        else if (child.tagName === "IMG") out.push(child.alt || "");
        else {
          const block = BLOCKS.has(child.tagName);
          if (block) out.push("\n");
          gather(child, drop, out);
          if (block) out.push("\n");
        }
      }
    }
  };
  // What innerText would say, without asking for a layout, and without the children to drop.
  const textOf = (el, drop) => {
    if (el.childElementCount === 0) {
      const raw = el.textContent;
      if (!raw.includes("\n") && !raw.includes("  ")) return raw.trim().slice(0, MOST_TEXT);
      const text = getComputedStyle(el).whiteSpace.startsWith("pre") ? raw : raw.replace(/\s+/g, " ");
      return text.trim().slice(0, MOST_TEXT);
    }
    const out = [];
    const keep = getComputedStyle(el).whiteSpace.startsWith("pre");
    gather(el, drop, out);
    const text = out.map((part) => (keep || part === "\n" ? part : part.replace(/\s+/g, " "))).join("");
    return text.replace(/[ \t]*\n[ \t]*/g, "\n").replace(/\n{2,}/g, "\n").trim().slice(0, MOST_TEXT);
  };
  const expressions = new Map();
  const expression = (pattern) => {
    if (!expressions.has(pattern)) expressions.set(pattern, new RegExp(pattern));
    return expressions.get(pattern);
  };
  const dig = (text, pattern) => {
    if (text === null || !pattern) return text;
    const match = expression(pattern).exec(text);
    return match ? match[1] ?? match[0] : null;
  };
  const valueAt = (el, value) => {
    if (!el) return null;
    return dig(value.attr ? el.getAttribute(value.attr) : textOf(el, []), value.pattern);
  };
  const inside = (el, value) => {
    if (!value.css.length) return el;
    for (const css of value.css) {
      const found = el.matches(css) ? el : el.querySelector(css);
      if (found) return found;
    }
    return null;
  };
  const read = (el, value) => (value ? valueAt(inside(el, value), value) : null);

  // --- the list ------------------------------------------------------------------------------------------
  const { inbox, thread, composer, signals } = pack;
  const inboxRoot = () => first(base(), inbox.root);
  const unreadOf = (row) => {
    if (!inbox.unread) return null;
    const el = inside(row, inbox.unread);
    if (!el) return null;
    const text = valueAt(el, inbox.unread);
    return text === "" && !shown(el) ? null : text;
  };
  const groupOf = (row) => {
    if (!inbox.group) return null;
    const block = inbox.group_in.length ? inbox.group_in.map((css) => row.closest(css)).find(Boolean) : null;
    if (block) return read(block, inbox.group);
    for (const css of inbox.group.css) {
      const found = row.closest(css);
      if (found) return valueAt(found, inbox.group);
    }
    return null;
  };
  const readRow = (row) => [
    read(row, inbox.id), read(row, inbox.name), read(row, inbox.preview), read(row, inbox.time), unreadOf(row),
    read(row, inbox.waiting), groupOf(row), inbox.skip.rows.some((css) => row.matches(css)),
  ];
  const readInbox = () => {
    const root = inboxRoot();
    return root ? Array.from(all(root, inbox.row), readRow) : null;
  };
  // Whether a row, as read, shows that its buyer waits.
  const isMarked = ([, , , , unread, waiting, group]) =>
    (unread !== null && unread !== "0") || Boolean(waiting) ||
    inbox.waiting_groups.some((pattern) => expression(pattern).test(group ?? ""));

  // --- the thread ----------------------------------------------------------------------------------------
  const threadRoot = () => {
    for (const css of thread.root) {
      for (const el of base().querySelectorAll(anyId(css))) if (shown(el)) return el;
    }
    return null;
  };
  const openId = (root) => {
    if (!root) return null;
    const el = inside(root, thread.open_id) ?? first(base(), thread.open_id.css);
    return valueAt(el, thread.open_id);
  };
  // Whether the thread of `id` is in the page, shown or not.
  const isThere = (id) =>
    thread.root.some((css) => Array.from(base().querySelectorAll(anyId(css))).some((el) => openId(el) === id));
  const sender = (el) => {
    if (thread.system.length && isOrHolds(el, thread.system)) return "system";
    if (thread.robot.length && isOrHolds(el, thread.robot)) return "robot";
    if (!isOrHolds(el, thread.shop)) return isOrHolds(el, thread.buyer) ? "buyer" : null;
    // Beside what was said, so that nobody can say it.
    return thread.robot_text && expression(thread.robot_text).test(textOf(el, thread.text)) ? "robot" : "shop";
  };
  const KINDS = ["recall", "order", "card", "image"];
  const kind = (el) => KINDS.find((name) => thread.kinds[name].length && isOrHolds(el, thread.kinds[name])) ?? "text";
  const hasFailed = (el) => thread.failed.length > 0 && isOrHolds(el, thread.failed);
  const readMessage = (el) => {
    const body = inside(el, { css: thread.text });
    const words = body ? textOf(body, thread.drop) : "";
    return [read(el, thread.message_id), sender(el), kind(el), words, read(el, thread.time), hasFailed(el)];
  };
  const readFacts = (el, facts) => Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, read(el, value)]));
  const readShown = (el, facts) => (el ? readFacts(el, facts) : null);
  // Each of the buyer's orders; none where the page shows that there is none, null where it does not tell.
  const readOrders = ({ root, none, facts }, id) => {
    const orders = Array.from(all(base(), root, id)).slice(0, MOST_ORDERS);
    return orders.length || first(base(), none, id) ? orders.map((el) => readFacts(el, facts)) : null;
  };
  const newestCard = (messages) =>
    Object.keys(thread.card).length ? messages.findLast((el) => kind(el) === "card") : null;
  const isReady = (root, id) =>
    thread.ready.some((css) => root.matches(fill(css, id)) || root.querySelector(fill(css, id)) || base().querySelector(fill(css, id)));
  const input = () => {
    for (const css of composer.input) {
      for (const el of base().querySelectorAll(anyId(css))) if (shown(el)) return el;
    }
    return null;
  };
  const draft = () => {
    const el = input();
    if (!el) return null;
    return "value" in el ? el.value : textOf(el, []);
  };
  const readThread = () => {
    const root = threadRoot();
    const id = openId(root);
    if (!root || id === null || !isReady(root, id)) return null;
    const messages = Array.from(all(root, thread.message)).slice(-MOST_MESSAGES);
    const looksAt = pack.product && readShown(first(base(), pack.product.root, id), pack.product.facts);
    const card = readShown(newestCard(messages), thread.card);
    const facts = { orders: pack.order && readOrders(pack.order, id), product: looksAt, card };
    return { id, messages: messages.map(readMessage), draft: draft(), ...facts };
  };
  // The newest word of either side. The gate asks this at the moment of an event: only the tail is read.
  const latest = (root) => {
    const found = { buyer: null, own: null };
    const messages = all(root, thread.message);
    for (let at = messages.length - 1; at >= 0 && (found.buyer === null || found.own === null); at--) {
      const side = { buyer: "buyer", shop: "own" }[sender(messages[at])];
      if (side) found[side] ??= read(messages[at], thread.message_id);
    }
    return found;
  };

  // Whether an own message may stand there that is not among the `known`.
  const saysBeyond = (known) =>
    Array.from(all(threadRoot() ?? base(), thread.message)).some(
      (el) => !known.includes(read(el, thread.message_id)) && sender(el) === "shop",
    );

  // --- signals -------------------------------------------------------------------------------------------
  const NAMES = [
    "logged_in", "logged_out", "captcha", "qr", "kicked", "no_permission", "expired", "blocked", "offline", "robot_on",
  ];
  const TELLING = ["captcha", "qr", "kicked", "no_permission", "expired"];
  const seen = (mark, body) => {
    if (mark.url && !expression(mark.url).test(location.href)) return false;
    if (mark.css.length) {
      const found = mark.css.flatMap((css) => Array.from(base().querySelectorAll(css))).filter(shown);
      return mark.text ? found.some((el) => expression(mark.text).test(textOf(el, []))) : found.length > 0;
    }
    return mark.text ? expression(mark.text).test(body()) : true;
  };
  const readMarks = (marks) => {
    let text;
    const body = () => (text ??= Array.from(base().children, (el) => el.innerText ?? "").join("\n"));
    return marks.some((mark) => seen(mark, body));
  };
  const covers = (overlay) => Array.from(all(base(), overlay.see)).some(shown);
  const readSignals = () => {
    const names = NAMES.filter((name) => readMarks(signals[name]));
    if (signals.overlay.some(covers)) names.push("overlay");
    if (pack.presence && !readMarks(pack.presence.online)) names.push("away");
    if (page.denied) names.push("denied");
    return names;
  };

  // --- where to press ------------------------------------------------------------------------------------
  // What an element is, in a few words, without any of its text.
  const describe = (el) => {
    if (!el || !el.tagName) return "nothing";
    const names = Array.from(el.classList ?? []).slice(0, 3).map((name) => `.${name}`).join("");
    return el.tagName.toLowerCase() + (el.id ? `#${el.id}` : "") + names;
  };
  // A point of this frame in the top page's coordinates, or what lies over the frame there. Where a frame is of
  // another site than the page around it, only the browser knows its place: `framesUp` says how far this came.
  const inTopPage = (x, y) => {
    let framesUp = 0;
    for (let view = window; view !== view.parent; view = view.parent, framesUp++) {
      if (!view.frameElement) return { x, y, framesUp };
      const frame = view.frameElement.getBoundingClientRect();
      x += frame.left + view.frameElement.clientLeft;
      y += frame.top + view.frameElement.clientTop;
      const above = view.frameElement.getRootNode().elementFromPoint(x, y);
      if (above && above !== view.frameElement) return { covered: describe(above) };
    }
    return { x, y };
  };
  // The rows of a conversation: a list may show it more than once.
  const rowsOf = (id) => {
    const root = inboxRoot();
    return root ? Array.from(all(root, inbox.row)).filter((row) => read(row, inbox.id) === id) : [];
  };
  // The point to press in the top page's coordinates, or what covers it.
  const pointOf = (el) => {
    if (!el) return { missing: true };
    el.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
    const box = el.getBoundingClientRect();
    const x = box.left + box.width / 2, y = box.top + box.height / 2;
    if (!box.width || !box.height) return { missing: true };
    const top = el.getRootNode().elementFromPoint(x, y);
    if (top && top !== el && !el.contains(top) && !top.contains(el)) return { covered: describe(top) };
    return inTopPage(x, y);
  };

  const page = {
    pack, base, anyId, first, all, shown, inTopPage, draft, describe, pointOf, openId, threadRoot, latest, isThere, saysBeyond,
    NAMES, readMarks, rowsOf, readRow, isMarked, hasFailed,
    rowId: (row) => read(row, inbox.id),
    messageId: (el) => read(el, thread.message_id),
    // Whether the server refused what the page itself asked for: the session may be over, whatever the page shows.
    denied: false,
    inbox: readInbox, thread: readThread, signals: readSignals,
    read: () => ({ inbox: readInbox(), thread: readThread(), signals: readSignals() }),
    // Where to press a layer away: of elements in one another, each with the words, the innermost. Not one that people
    // have to see, or that says how the session ended: pressed away, nobody would know.
    dismissal: (number) => {
      const overlay = signals.overlay[number];
      if (!covers(overlay) || TELLING.some((name) => readMarks(signals[name]))) return { missing: true };
      const says = (el) => !overlay.text || expression(overlay.text).test(textOf(el, []));
      return pointOf(Array.from(all(base(), overlay.dismiss)).filter((el) => shown(el) && says(el)).at(-1));
    },
    offline: () => readMarks(signals.offline),
  };
  // A second one is a pack on trial: it reads, and neither watches nor speaks for the page.
  if (!window.__nightdesk) Object.defineProperty(window, "__nightdesk", { value: page });
  return page;
})();
