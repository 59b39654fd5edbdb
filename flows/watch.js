// Tells when the list, the thread or the signals have changed, and waits in the page for what is to come. Stands on
// reader.js, and only in the page itself: what looks through a pack on trial neither watches nor speaks for the page.
(() => {
  const page = window.__nightdesk;
  const { base, all, openId, threadRoot, read } = page;
  const { thread, signals } = page.pack;
  const { refresh } = page.pack.inbox;
  // A list that has to be rolled, or loaded anew, is read in its own time.
  const tellsAll = refresh.kind !== "reload" && !page.pack.inbox.virtual;
  const REST_MS = 1000 * 0.9 * refresh.every;
  const SOON = 10, QUIET = 40, OPENING_MS = 2000, ACTING_MS = 250, SETTLES_MS = 50, SETTLED_MS = 80, LOSS_MS = 250, EARLY_MS = 5;

  // --- what there is to tell -----------------------------------------------------------------------------
  let last = { inbox: "", thread: "", signals: "" };
  // The list as last looked at, and the conversation just answered in it: its row changes on our account, and is no
  // news while nothing marks it.
  let listed = null, own = null;
  // The clock's own ticking is no news: only whether there is one counts.
  const listShape = (rows) => rows && JSON.stringify(rows.map((row) => [row[0], row[2], row[4], row[5] !== null, row[6]]));
  const threadShape = () => {
    const root = threadRoot();
    const messages = root ? Array.from(all(root, thread.message)) : [];
    const tail = messages.slice(-3).map((el) => [page.messageId(el), page.hasFailed(el)]);
    return JSON.stringify([openId(root), messages.length, tail]);
  };
  const digest = (rows = page.inbox()) => {
    listed = rows;
    return {
      inbox: listShape(rows && rows.filter((row) => row[0] !== own || page.isMarked(row))),
      thread: threadShape(),
      // A layer that comes is news whatever it says: its words are read with the rest.
      signals: page.NAMES.map((name) => signals[name].reduce((sum, mark) => sum + all(base(), mark.css).length, 0))
        .concat(page.denied || []).join(),
    };
  };

  // --- telling -------------------------------------------------------------------------------------------
  let timer = null, rests = 0, acting = 0, hushed = false;
  let resting = null, rested = 0;
  const waiters = new Set();
  const nudge = () => [...waiters].forEach((check) => check());
  const look = () => {
    timer = null;
    // The empty page before the first one is no news; a frame of that address may be given a list.
    if (hushed || (location.href === "about:blank" && !all(base(), page.pack.inbox.root).length)) return;
    const began = performance.now();
    if (began < acting) return void (timer = setTimeout(look, acting - began));
    nudge(); // first: whoever settles says what is no news
    const now = digest();
    const changed = Object.keys(now).filter((name) => now[name] !== last[name]);
    last = now;
    // A long list makes looking dear: look at most a tenth of the time.
    rests = performance.now() + Math.max(QUIET, 10 * (performance.now() - began));
    if (!changed.length || !window.__nightdesk_push) return;
    const read = whole();
    if (read) [own, last] = [null, { ...last, inbox: listShape(listed) }];
    window.__nightdesk_push(JSON.stringify({ changed, read }));
    rest();
  };
  // What is told is told whole, as it was just looked at; but not of a list that has to be rolled.
  const whole = () =>
    page.pack.inbox.virtual ? null : JSON.stringify({ inbox: listed, thread: page.thread(), signals: page.signals() });
  // A page at rest tells all of itself just before the bot would read it: one message in place of a question and its
  // answer, and none from where there is no list. Where it falls silent, it is read. The timer goes by when the rest
  // began, so that a busy page need not set it anew each time.
  const rest = () => {
    rested = performance.now();
    if (tellsAll) resting ??= setTimeout(wake, REST_MS);
  };
  const wake = () => {
    const left = rested + REST_MS - performance.now(), due = left < EARLY_MS;
    resting = setTimeout(wake, due ? REST_MS : left);
    if (due) tellAll();
  };
  const tellAll = () => {
    rested = performance.now();
    const speaks = listed !== null && !hushed && performance.now() >= acting;
    if (!speaks || !window.__nightdesk_push) return;
    listed = page.inbox();
    window.__nightdesk_push(JSON.stringify({ changed: [], read: whole() }));
  };
  const stir = () => {
    timer ??= setTimeout(look, Math.max(SOON, rests - performance.now()));
    nudge();
  };
  const listen = () =>
    new PerformanceObserver((list) => {
      if (page.denied || !list.getEntries().some((entry) => entry.responseStatus === 401)) return;
      page.denied = true;
      stir();
    }).observe({ type: "resource", buffered: true });
  const watch = () => {
    const observer = new MutationObserver(stir);
    let watched = null;
    // A shadow root comes later than its page, raises no change of the page's, and may be replaced.
    const follow = () => {
      if (watched === base()) return;
      watched = base();
      observer.disconnect();
      for (const root of new Set([document, watched])) {
        observer.observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
      }
      stir();
    };
    follow();
    if (page.pack.shadow.length) setInterval(follow, 200);
  };

  // --- waiting -------------------------------------------------------------------------------------------
  // Resolves with what `probe` gives once it is not null; with null when the time is over, up to 50 ms late.
  const until = (probe, ms) =>
    new Promise((resolve, reject) => {
      const end = performance.now() + ms;
      const done = (tell, what) => {
        waiters.delete(check);
        clearInterval(poll);
        tell(what);
      };
      const check = () => {
        try {
          const value = probe();
          if (value !== null || performance.now() >= end) done(resolve, value);
        } catch (error) {
          // Asked on, it would end each look before anything is told.
          done(reject, error);
        }
      };
      const poll = setInterval(check, Math.min(50, ms));
      waiters.add(check);
      check();
    });
  // A refusal that still shows from the message before says nothing about this one.
  // What a lost session refuses is refused for its sake, whatever else the page then says.
  const REFUSALS = ["expired", "blocked", "offline"];
  let before = [];
  const refusal = () => {
    const now = REFUSALS.filter((name) => page.readMarks(signals[name]));
    before = before.filter((name) => now.includes(name));
    return now.find((name) => !before.includes(name)) ?? "";
  };

  // What ends a session, or stands before it until a person has been there.
  const OVER = ["expired", "kicked", "captcha", "no_permission"];

  const isDone = (id, latest) => {
    const root = threadRoot();
    const rows = page.rowsOf(id);
    const spoken = openId(root) !== id || page.latest(root).buyer !== latest;
    return !spoken && rows.length > 0 && !rows.map(page.readRow).some(page.isMarked);
  };

  Object.assign(page, {
    until,
    // What is read need not be told any more.
    read: () => {
      const now = read();
      if (!hushed) {
        own = null;
        last = digest(now.inbox);
        rest();
      }
      return now;
    },
    // Whoever acts goes on to act or reads the page: what changes meanwhile is told only if that is long in coming.
    act: () => void (acting = performance.now() + ACTING_MS),
    // Whoever has answered `id`, whose buyer said `latest` last, is done: what came of it need not be told, all else
    // at once. Null where the row is marked or missing, or the buyer has spoken: then the page has to be read. Else
    // `read`, if the bot is to go on at once (`goesOn`): the whole page, of which then nothing need be told.
    settle: (id, latest, goesOn) =>
      // The mark goes a moment after the bubble has come.
      until(() => {
        if (!isDone(id, latest)) return null;
        // Noted in the same moment: what came between would be taken for known.
        own = id;
        const now = goesOn && !page.pack.inbox.virtual ? digest() : null;
        last = now ?? { ...last, inbox: listShape(listed && listed.filter((row) => row[0] !== id)), thread: threadShape() };
        acting = 0;
        clearTimeout(timer);
        // What a server says of a reply comes a moment after it: one look sees both.
        timer = setTimeout(look, SETTLED_MS);
        return { read: now && whole() };
      }, SETTLES_MS),
    // While the list is rolled on our own account, what comes into sight is no news.
    hush: (on) => void ((hushed = on) || stir()),
    // The thread of `id`, once it is open, ready and has stood still for `still` ms. `heeds`: null at once where the page
    // says that the session is over: nothing opens there any more, and nobody reads the page meanwhile.
    waitThread: async (id, ms, still, heeds = false) => {
      let before = null, since = 0;
      const stands = () => {
        // Whether it is shown has the page reckon its styles: only once it is there at all.
        const now = page.isThere(id) ? page.thread() : null;
        if (!now || now.id !== id || !now.messages.length) return null;
        const shape = JSON.stringify([now.messages, now.orders, now.product]);
        if (shape !== before) {
          [before, since] = [shape, performance.now()];
          setTimeout(nudge, still);
        }
        return performance.now() - since >= still ? now : null;
      };
      let looked = performance.now();
      const isOver = () => {
        if (!heeds || performance.now() - looked < LOSS_MS) return false;
        looked = performance.now();
        return OVER.some((name) => page.readMarks(signals[name]));
      };
      const found = () => stands() ?? (isOver() || null);
      // Where it has begun to open, the page is only slow: whoever pressed again would have it begin anew.
      const came = (await until(found, ms)) ?? (openId(threadRoot()) === id ? await until(found, OPENING_MS) : null);
      return came === true ? null : came;
    },
    noteRefusal: () => void (before = REFUSALS.filter((name) => page.readMarks(signals[name]))),
    // What is seen once the thread holds an own message beyond `known`, or the console refused; null: neither.
    waitOwn: (known, ms) =>
      until(() => {
        const refused = refusal();
        if (!refused && !page.saysBeyond(known)) return null;
        const now = page.thread();
        if (refused) return { thread: now, refused };
        const fresh = now && now.messages.some((message) => message[1] === "shop" && !known.includes(message[0]));
        return fresh ? { thread: now, refused } : null;
      }, ms),
    waitMark: (marks, ms) => until(() => (page.readMarks(marks) ? true : null), ms),
  });
  listen();
  watch();
  rest();
})();
