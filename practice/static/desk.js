// The desk's state in the page and its way to the server. Knows nothing of markup: a view is told what changed
// ("list", "thread", "panel", "people", "line") and draws it, and shows notices ("notice") until it is "calm" again.
export class Desk {
  constructor(shop, tell) {
    this.shop = shop;
    this.client = Math.random().toString(36).slice(2, 10);
    this.rows = new Map();
    this.colleagues = new Map();
    this.drafts = new Map();
    this.open = null;
    this.line = "connecting";
    this.tell = tell;
    this.dirty = new Set();
    this.skew = 0;
    this.pause = 300;
    this.failures = 0;
    this.backlog = null;
    // How a row is seen; a bad manner may bend it.
    this.seen = (row) => row;
  }

  // Resolves once the desk is there to be drawn.
  start() {
    return new Promise((resolve) => {
      this.loaded = resolve;
      this.connect();
    });
  }

  now() {
    return Date.now() + this.skew;
  }

  // Whose turn it is: the group in which a row stands, and the seconds left before it is late.
  placeOf(row) {
    const left = row.waiting === null ? null : this.threshold - (this.now() - row.waiting) / 1000;
    if (row.owner && row.owner !== this.me.user) return { group: "colleague", left: null };
    if (left === null) return { group: "replied", left };
    return { group: left > 0 ? "waiting" : "overdue", left };
  }

  nameOf(user) {
    return user === this.me.user ? this.me.name : this.colleagues.get(user)?.name ?? user;
  }

  async openConversation(uid) {
    const thread = { uid, loaded: false, messages: [], more: false, orders: [], product: null };
    this.open = thread;
    this.tell("calm");
    this.change("list", "thread", "panel");
    await this.fetchThread(thread);
  }

  async earlier() {
    const thread = this.open;
    if (!thread?.more || thread.fetching) return;
    thread.fetching = true;
    const page = await this.call("earlier", { uid: thread.uid, before: thread.messages[0].id });
    thread.fetching = false;
    if (!page || this.open !== thread) return;
    thread.messages = [...page.messages, ...thread.messages];
    thread.more = page.more;
    this.change("thread");
  }

  // `drawn`: the ids of what is in sight, to be put on record with the message. Resolves to true when it is on its way,
  // to false when the console refused it.
  async send(text, drawn) {
    const thread = this.open;
    if (!thread?.loaded) return false;
    this.tell("calm");
    const seen = thread.messages.findLast(({ id, sender }) => sender === "buyer" && drawn.has(id))?.id;
    const answer = await this.request("send", { uid: thread.uid, text, seen, client: this.client });
    if (answer.status === 200 && answer.body.message) this.put(thread, answer.body.message);
    if (answer.status === 0) this.put(thread, this.failed(thread.uid, text));
    if (answer.status >= 300) this.tell("notice", { text: answer.body.error ?? "发送失败", kind: "refused" });
    return answer.status === 200 || answer.status === 0;
  }

  async resend(id) {
    const thread = this.open;
    const message = thread?.messages.find((one) => one.id === id);
    if (!message) return;
    thread.messages = thread.messages.filter((one) => one !== message);
    this.change("thread");
    await this.send(message.text, new Set(thread.messages.map((one) => one.id)));
  }

  async transfer(to) {
    const answer = await this.call("transfer", { uid: this.open.uid, to });
    if (answer) this.tell("notice", { text: `已转接给 ${answer.name}`, kind: "done" });
    return Boolean(answer);
  }

  async setPresence(state) {
    await this.call("presence", { state });
  }

  // --- the server ----------------------------------------------------------------------------------------
  async request(name, given = {}) {
    try {
      const response = await fetch(`/${this.shop}/api/${name}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(given),
      });
      if (response.status === 401) this.setLine("expired");
      return { status: response.status, body: await response.json() };
    } catch {
      return { status: 0, body: { error: "网络异常，请稍后再试" } };
    }
  }

  async call(name, given) {
    const { status, body } = await this.request(name, given);
    if (status === 200) return body;
    if (status !== 401) this.tell("notice", { text: body.error, kind: "refused" });
    return null;
  }

  async load() {
    const { status, body } = await this.request("state");
    if (status !== 200) return false;
    // What called every open page to begin anew may have come before this one listened.
    if (body.look !== document.body.dataset.look) location.reload();
    this.skew = body.now - Date.now();
    Object.assign(this, { me: body.me, quick: body.quick, title: body.shop.title, sendKey: body.send_key });
    Object.assign(this, { limit: body.limit, threshold: body.threshold, most: body.most, robot: body.robot, wall: body.wall });
    this.colleagues = new Map(body.colleagues.map((one) => [one.user, one]));
    this.rows = new Map(body.rows.map((row) => [row.uid, this.seen(row)]));
    this.change("list", "people");
    return true;
  }

  async fetchThread(thread) {
    const page = await this.call("open", { uid: thread.uid });
    if (!page || this.open !== thread) return;
    const known = new Set(page.messages.map((one) => one.id));
    const begins = page.messages[0]?.at ?? 0;
    const others = thread.messages.filter((one) => !known.has(one.id));
    // What was pushed before the first page came is no page before it.
    const earlier = thread.loaded ? others.filter((one) => one.at < begins) : [];
    // What was pushed while the page was on its way is newer than the page.
    const later = others.filter((one) => one.at >= begins);
    thread.messages = [...earlier, ...page.messages, ...later];
    thread.more = earlier.length ? thread.more : page.more;
    Object.assign(thread, { loaded: true, orders: page.orders, product: page.product });
    this.change("thread", "panel");
  }

  connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/${this.shop}/live`);
    socket.onopen = () => this.connected();
    socket.onmessage = (event) => {
      const given = JSON.parse(event.data);
      if (this.backlog) this.backlog.push(given);
      else this.hear(given);
    };
    socket.onclose = (event) => {
      if (event.code === 4401) return this.setLine("expired");
      if (event.code === 4409) return this.setLine("kicked");
      if (this.line !== "expired") this.lose();
    };
  }

  async connected() {
    this.setLine("live");
    this.pause = 300;
    // What is pushed while the state is on its way comes after it.
    const backlog = (this.backlog = []);
    const good = await this.load();
    if (this.backlog !== backlog) return;
    this.backlog = null;
    if (!good) return;
    for (const event of backlog) this.hear(event);
    this.loaded();
    if (this.open) await this.fetchThread(this.open);
  }

  lose() {
    this.setLine("lost");
    setTimeout(() => this.connect(), this.pause);
    this.pause = Math.min(this.pause * 2, 5000);
  }

  hear(event) {
    if (event.type === "reload") return location.reload();
    if (event.type === "away") return location.assign("/");
    if (event.type === "stuck") this.stick(event.number);
    if (event.type === "presence") this.hearPresence(event.account);
    if (event.type === "robot") this.hearRobot(event.on);
    if (event.type === "wall") this.hearWall(event.up);
    if (event.type === "said" || event.type === "row") this.hearRow(event.row);
    if (event.type === "said" && this.open?.uid === event.message.conversation) this.put(this.open, event.message);
  }

  // Stuck for ever. The server is told first, and awaited without letting go of the page: nothing comes in between.
  stick(number) {
    const word = new XMLHttpRequest();
    word.open("POST", `/${this.shop}/stuck/${number}`, false);
    try {
      word.send();
    } finally {
      for (;;);
    }
  }

  hearPresence(account) {
    if (account.user === this.me.user) this.me = account;
    else this.colleagues.set(account.user, account);
    this.change("people");
  }

  // The platform's own robot, which answers buyers beside the staff.
  hearRobot(on) {
    this.robot = on;
    this.change("people");
  }

  // A captcha that stands before everything.
  hearWall(up) {
    this.wall = up;
    this.change("people");
  }

  hearRow(row) {
    // What comes into the open conversation is seen at once.
    if (row.unread && this.open?.uid === row.uid) {
      row.unread = 0;
      this.request("read", { uid: row.uid });
    }
    this.rows.set(row.uid, this.seen(row));
    if (this.rows.size > this.most + 100) this.forget();
    this.change("list");
  }

  // The list does not grow for ever: the longest answered leave it.
  forget() {
    const idle = [...this.rows.values()].filter((row) => row.waiting === null && row.uid !== this.open?.uid);
    idle.sort((a, b) => a.at - b.at);
    for (const row of idle.slice(0, this.rows.size - this.most)) this.rows.delete(row.uid);
  }

  put(thread, message) {
    const at = thread.messages.findIndex((one) => one.id === message.id);
    if (at < 0) thread.messages.push(message);
    else thread.messages[at] = message;
    // An answer may overtake a push that went out before it.
    thread.messages.sort((a, b) => a.at - b.at || a.id.localeCompare(b.id));
    this.change("thread");
  }

  failed(uid, text) {
    const id = `local-${++this.failures}`;
    return { id, conversation: uid, sender: "shop", kind: "text", text, at: this.now(), account: this.me.user, detail: {}, failed: true };
  }

  setLine(line) {
    if (this.line === line) return;
    this.line = line;
    this.change("line");
  }

  // Many changes in one go are one drawing. A microtask, since frames and timers may stand still in the background.
  change(...names) {
    if (!this.dirty.size) {
      queueMicrotask(() => {
        const changed = this.dirty;
        this.dirty = new Set();
        this.tell("change", changed);
      });
    }
    for (const name of names) this.dirty.add(name);
  }
}
