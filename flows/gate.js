// The gate: stops a trusted press or key on a row or on the composer unless it is armed for just that, and checks
// at the moment of the event itself whose conversation is open, what the buyer said last and what the input holds.
// Every event of a press is judged by itself: a console may act on any of them.
(() => {
  const page = window.__nightdesk;
  const { composer, inbox } = page.pack;
  const PRESSES = ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "dblclick", "touchstart", "touchend"];
  const KEYS = ["keydown", "keypress", "keyup", "beforeinput", "paste", "drop"];
  // The one stands still while the machine sleeps, the other jumps when somebody sets it: both must agree.
  const wall = Date.now.bind(Date);
  // The last of a press and of a key. What follows in the same task, such as the click, comes before a timer does.
  const LAST = ["pointerup", "keyup"], LANDS_MS = 1000;
  let armed = null, log = [], landed = null, land = null;

  // White space is the console's affair: comparing without it keeps the check about the words.
  const plain = (text) => (text ?? "").replace(/\s+/g, "");
  const INPUT = composer.input.map(page.anyId), SEND = composer.send.map(page.anyId), ROW = inbox.row.map(page.anyId);
  const OURS = [...ROW, ...SEND, ...INPUT].join();
  // An element called "matches" is what the window, or its form, has by that name.
  const { matches } = Element.prototype;
  const within = (path, list) => path.find((el) => list.some((css) => matches.call(el, css)));

  const place = (event) => {
    const path = event.composedPath().filter((el) => el.nodeType === 1 && matches.call(el, OURS));
    const row = within(path, ROW);
    if (row) return { region: "row", row };
    if (within(path, SEND)) return { region: "send" };
    return { region: within(path, INPUT) ? "input" : "other" };
  };
  const isSendKey = (event) => event.type === "keydown" && event.key === "Enter" && !event.shiftKey;

  // Who has said something since the act was decided on.
  const whoSpoke = (root) => {
    const { buyer, own } = page.latest(root);
    if (buyer !== armed.latest.buyer) return "newer message";
    return own === armed.latest.own ? "" : "answered";
  };

  // Why the event may not pass; "" when it may.
  const objection = (event, where) => {
    if (!armed) return "not armed";
    if (armed.off) return "paused";
    if (performance.now() > armed.until || wall() > armed.late) return "deadline";
    if (armed.kind === "open") {
      if (where.region !== "row") return "missed";
      return page.rowId(where.row) === armed.id ? "" : "other row";
    }
    const root = page.threadRoot();
    if (page.openId(root) !== armed.id) return "other conversation";
    if (armed.kind === "type") {
      if (where.region !== "input") return "missed";
      if (isSendKey(event)) return "would send";
      if (armed.before !== null && event.type === "beforeinput") {
        const spoke = armed.latest ? whoSpoke(root) : "";
        if (spoke) return spoke;
        if (plain(page.draft()) !== plain(armed.before)) return "draft";
        armed.before = null;
      }
      return "";
    }
    if (where.region !== (composer.key ? "input" : "send")) return "missed";
    if (event.type === "beforeinput") return "line break";
    if (page.offline()) return "offline";
    return whoSpoke(root) || (plain(page.draft()) === plain(armed.text) ? "" : "draft");
  };

  // What cannot be judged does not pass where it is ours: one that a selector of the pack, say, makes throw.
  const judged = (event) => {
    let where = { region: "other" };
    try {
      where = place(event);
      return [where, where.region === "other" && !armed ? "" : objection(event, where)];
    } catch (error) {
      return [where, `${error}`];
    }
  };

  const listen = (event) => {
    if (!event.isTrusted) return;
    const [where, why] = judged(event);
    if (where.region === "other" && !armed) return;
    if (armed) {
      // Where it landed is told of the first event, and of those that were stopped.
      const landed = why || !log.length ? page.describe(event.composedPath()[0]) : "";
      log.push({ type: event.type, region: where.region, landed, why });
      if (LAST.includes(event.type)) setTimeout(land, 0);
    }
    if (why) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  };
  const guard = () => {
    for (const type of [...PRESSES, ...KEYS]) window.addEventListener(type, listen, { capture: true, passive: false });
  };
  guard();
  // A document that is written anew (document.open) takes the listeners of its window along.
  new MutationObserver(guard).observe(document, { childList: true });

  const target = (act) => {
    if (act.kind !== "open") {
      const list = act.kind === "send" && !composer.key ? SEND : INPUT;
      return list.flatMap((css) => Array.from(page.base().querySelectorAll(css))).find(page.shown) ?? null;
    }
    const row = page.rowsOf(act.id).at(0) ?? null;
    return row && inbox.press.length ? page.first(row, inbox.press, act.id) ?? row : row;
  };
  // What was seen since the arming; null if this document was never armed: another one was, and is gone.
  const disarm = () => {
    page.act();
    const seen = armed && log;
    [armed, log] = [null, []];
    return seen;
  };
  // What became of the act in hand, which may still be on its way here, and what the page shows once `shows` has it;
  // where nothing got through, nothing. What comes later still finds the gate shut.
  const after = async (shows) => {
    if (armed) {
      const late = setTimeout(land, LANDS_MS);
      await landed;
      clearTimeout(late);
    }
    const log = disarm();
    return { log, shows: log === null || log.some((entry) => !entry.why) ? await shows() : null };
  };
  const hasFocus = (el) => el !== null && document.hasFocus() && el.contains(el.getRootNode().activeElement);
  // Arms for sending the words just typed, if all is as the send needs it; then they need not be looked at again.
  const armNext = (log, composed, act, ms, late) => {
    const { draft, latest } = composed;
    const stands = latest !== null && latest.buyer === act.latest.buyer && latest.own === act.latest.own;
    const typed = log !== null && log.length > 0 && log.every((entry) => !entry.why);
    return typed && stands && plain(draft) === plain(act.text) ? page.arm(act, ms, late) : null;
  };
  Object.assign(page, {
    // Arms the gate for one act within `ms`, and not after the moment `late`, which the bot reckons as it asks.
    // Says where to press: {x, y}, {covered} or {missing}; and whether what it is about has the focus.
    arm: (act, ms, late) => {
      page.act();
      log = [];
      landed = new Promise((resolve) => (land = resolve));
      armed = { ...act, until: performance.now() + ms, late };
      if (act.kind === "send") page.noteRefusal();
      const el = target(act);
      // A key needs no place, and finding one has the page laid out anew.
      const by_key = act.kind === "send" && composer.key;
      return { ...(by_key ? {} : page.pointOf(el)), focused: hasFocus(el) };
    },
    disarm,
    // A person wants silence there (null: everywhere): what is armed for it lets nothing through any more.
    callOff: (id) => {
      if (armed && (id === null || armed.id === id)) armed.off = true;
    },
    // Whether there is something to press that sends.
    canSend: () => target({ kind: "send" }) !== null,
    // Whether the input takes what is typed now; it may need a moment after the press on it.
    aimed: (ms) => page.until(() => hasFocus(target({ kind: "type" })) || null, ms),
    // The thread of `id` once it is open; with `forMs` the gate is armed at once for typing into its input, if all
    // stays as it is then: `ready` is that act and, as `arm` tells it, the place.
    opened: (id, ms, still, forMs, late) =>
      after(async () => {
        const shows = await page.waitThread(id, ms, still, true);
        if (!shows || !forMs) return shows;
        const act = { kind: "type", id, before: shows.draft ?? "", latest: page.latest(page.threadRoot()) };
        return { ...shows, ready: { act, place: page.arm(act, forMs, late) } };
      }),
    // What the input holds and who spoke last, for the last look before sending; and, where it fits, the place
    // to press for the send `next`, for which the gate is then armed as by `arm`.
    typed: (next, ms, late) => {
      const log = disarm();
      const root = page.threadRoot();
      const shows = { draft: page.draft(), latest: root && page.latest(root) };
      return { log, shows: { ...shows, armed: next && armNext(log, shows, next, ms, late) } };
    },
    // What became of a send to `id`; whether all is done then, and the whole page where the bot `goesOn`.
    sent: (known, ms, { id, latest, goesOn }) =>
      after(async () => {
        const shows = await page.waitOwn(known, ms);
        if (!shows) return null;
        const done = shows.refused ? null : await page.settle(id, latest.buyer, goesOn);
        return { ...shows, settled: done !== null, read: done && done.read };
      }),
  });
})();
