// The open conversation and the composer under it.
import { avatar, clock, el, iso, shortTime } from "/static/dom.js";

const PICTURES = { image: "/static/goods/parcel.svg" };
const STAMP = 5 * 60 * 1000;

export class Thread {
  constructor(desk, askTransfer) {
    this.desk = desk;
    this.askTransfer = askTransfer;
    this.drawn = { uid: null, loaded: false, nodes: new Map() };
    this.node = el("main", { class: "middle" });
    this.showEmpty();
  }

  draw() {
    const thread = this.desk.open;
    if (!thread) return;
    if (this.drawn.uid !== thread.uid) this.begin(thread);
    this.drawHead(thread);
    if (!thread.loaded) return;
    this.drawMessages(thread);
    if (!this.drawn.loaded) {
      this.drawn.loaded = true;
      this.messages.dataset.loaded = "true";
      this.messages.scrollTop = this.messages.scrollHeight;
      this.input.focus();
    }
  }

  get text() {
    return this.input?.value ?? "";
  }

  set text(text) {
    this.input.value = text;
    this.count();
  }

  // Put a text into the composer where the cursor is, as if it had been typed.
  insert(text) {
    if (!this.input) return;
    this.input.setRangeText(text, this.input.selectionStart, this.input.selectionEnd, "end");
    this.count();
    this.input.focus();
  }

  showEmpty() {
    this.node.replaceChildren(el("div", { class: "nothing-open" }, el("img", { src: "/static/icons/chat.svg", alt: "" }), "从左侧选择一个会话开始接待"));
  }

  begin(thread) {
    this.keepDraft();
    this.drawn = { uid: thread.uid, loaded: false, nodes: new Map() };
    this.head = el("header", { class: "thread-head" });
    this.earlier = el("button", { class: "earlier", hidden: true, onclick: () => this.desk.earlier() }, "查看更早的消息");
    this.list = el("div", { class: "message-list" });
    this.messages = el("div", { class: "messages", "data-loaded": "false" }, this.earlier, this.list);
    this.node.replaceChildren(
      el("section", { class: "thread", "data-conversation": thread.uid }, this.head, this.messages, this.composer(thread.uid)));
    this.count();
  }

  drawHead(thread) {
    const row = this.desk.rows.get(thread.uid);
    const owner = row?.owner && row.owner !== this.desk.me.user ? this.desk.nameOf(row.owner) : null;
    const shape = JSON.stringify([row?.name, owner]);
    if (this.drawn.head === shape) return;
    this.drawn.head = shape;
    this.head.replaceChildren(
      el("span", { class: "thread-name" }, row?.name ?? ""),
      ...(owner ? [el("span", { class: "thread-owner" }, `${owner} 接待中`)] : []),
      el("span", { class: "spacer" }),
      el("button", { class: "transfer-open", onclick: this.askTransfer }, "转接"));
  }

  drawMessages(thread) {
    const nearEnd = this.messages.scrollHeight - this.messages.scrollTop - this.messages.clientHeight < 80;
    const height = this.messages.scrollHeight;
    const old = this.drawn.nodes;
    const nodes = new Map();
    let before = null;
    let place = this.list.firstElementChild;
    for (const message of thread.messages) {
      const known = old.get(message.id);
      const stamp = before === null || message.at - before > STAMP;
      const shape = `${message.kind}${message.failed ?? ""}${stamp}`;
      const node = known?.shape === shape ? known.node : this.message(message, stamp);
      nodes.set(message.id, { node, shape });
      if (node === place) place = place.nextElementSibling;
      else this.list.insertBefore(node, place);
      before = message.at;
    }
    while (place) {
      const next = place.nextElementSibling;
      place.remove();
      place = next;
    }
    this.drawn.nodes = nodes;
    this.earlier.hidden = !thread.more;
    if (nearEnd) this.messages.scrollTop = this.messages.scrollHeight;
    else if (old.size && !old.has(thread.messages[0]?.id)) this.messages.scrollTop += this.messages.scrollHeight - height;
  }

  message(message, stamp) {
    const { sender, kind } = message;
    const node = el("article", {
      class: `msg from-${sender} kind-${kind}${message.failed ? " is-failed" : ""}`,
      "data-id": message.id,
      "data-sender": sender,
      "data-kind": kind,
      "data-time": iso(message.at),
    });
    if (stamp) node.append(el("div", { class: "msg-stamp" }, shortTime(message.at, this.desk.now())));
    const time = el("time", { class: "msg-time", datetime: iso(message.at) }, clock(message.at));
    if (sender === "system" && kind === "text") {
      node.append(el("div", { class: "msg-note" }, el("span", { class: "msg-text" }, message.text), time));
      return node;
    }
    if (sender === "system") {
      node.append(el("div", { class: "msg-source" }, el("span", {}, "买家正在看这件商品"), this.content(message), time));
      return node;
    }
    const who = el("div", { class: "msg-who" }, ...(this.whoSpeaks(message)), time);
    const resend = message.failed && el("button", { class: "msg-failed", title: "发送失败，点击重发", onclick: () => this.desk.resend(message.id) }, "!");
    const body = el("div", { class: "msg-body" }, who, el("div", { class: "msg-bubble" }, this.content(message), resend));
    node.append(el("div", { class: "msg-line" }, this.face(message), body));
    return node;
  }

  whoSpeaks({ sender, account }) {
    if (sender === "shop") return [el("span", { class: "msg-author" }, this.desk.nameOf(account))];
    if (sender === "robot") return [el("span", { class: "msg-author" }, "平台机器人"), el("span", { class: "robot-mark" }, "自动回复")];
    return [];
  }

  face({ sender, conversation }) {
    if (sender === "shop" || sender === "robot") {
      return el("span", { class: "avatar is-own", "aria-hidden": "true" }, sender === "robot" ? "机" : "客");
    }
    return avatar(conversation, this.desk.rows.get(conversation)?.name ?? "?");
  }

  content({ kind, text, detail }) {
    if (kind === "recall") return el("span", { class: "msg-recalled" }, "对方撤回了一条消息");
    if (kind === "image") return el("img", { class: "msg-image", src: PICTURES.image, alt: "图片" });
    if (kind === "card") return productCard(detail);
    if (kind === "order") return orderCard(detail);
    return el("div", { class: "msg-text" }, text);
  }

  // --- the composer --------------------------------------------------------------------------------------
  composer(uid) {
    this.input = el("textarea", {
      class: "composer-input",
      rows: 3,
      placeholder: "输入回复，Enter 发送，Shift+Enter 换行",
      "aria-label": "回复内容",
      oninput: () => this.count(),
      onkeydown: (event) => this.key(event),
    });
    this.input.value = this.desk.drafts.get(uid) ?? "";
    this.counter = el("span", { class: "composer-count" });
    this.sendButton = el("button", { class: "composer-send", onclick: () => this.submit() }, "发送");
    return el("footer", { class: "composer" }, this.input, el("div", { class: "composer-foot" }, this.counter, this.sendButton));
  }

  key(event) {
    // Enter that picks a word in an input method is not meant for us.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submit();
  }

  async submit() {
    const text = this.input.value;
    if (!text.trim() || !this.desk.open?.loaded) return;
    const input = this.input;
    input.value = "";
    this.count();
    const gone = await this.desk.send(text, this.drawn.nodes);
    if (!gone && this.input === input && input.value === "") {
      input.value = text;
      this.count();
    }
  }

  count() {
    const length = Array.from(this.input.value).length;
    this.counter.textContent = `${length}/${this.desk.limit}`;
    this.counter.classList.toggle("is-over", length > this.desk.limit);
    this.sendButton.disabled = length === 0;
  }

  keepDraft() {
    if (this.drawn.uid === null || !this.input) return;
    if (this.input.value) this.desk.drafts.set(this.drawn.uid, this.input.value);
    else this.desk.drafts.delete(this.drawn.uid);
  }
}

const productCard = (product) =>
  el("div", { class: "card product-bubble" },
    el("img", { src: `/static/goods/${product.picture}.svg`, alt: "" }),
    el("div", {}, el("div", { class: "card-title" }, product.title), el("div", { class: "card-price" }, `¥${product.price}`)));

const orderCard = (order) =>
  el("div", { class: "card order-bubble" },
    el("img", { src: `/static/goods/${order.picture}.svg`, alt: "" }),
    el("div", {},
      el("div", { class: "card-title" }, order.title ?? "订单"),
      el("div", { class: "card-note" }, `${order.number ?? ""} ${order.status ?? ""}`)));
