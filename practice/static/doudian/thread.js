// The open conversation: wrappers with stable marks around bubbles with hashed ones.
import { clock, el } from "/static/dom.js";
import { Pane } from "/static/pane.js";

export class Thread extends Pane {
  constructor(desk, hashed, askTransfer) {
    super(desk, el("div", { class: hashed("chatPane") }));
    this.hashed = hashed;
    this.askTransfer = askTransfer;
  }

  frame({ uid }) {
    const { hashed } = this;
    const name = this.desk.rows.get(uid)?.name ?? "";
    this.list = el("div", { class: hashed("messageList") });
    this.scroller = el("div", { class: hashed("messageScroll"), "data-loaded": "false" }, this.list);
    this.input = el("textarea", {
      "data-qa-id": "qa-send-message-textarea",
      class: hashed("sendInput"),
      placeholder: `发送给${name}，使用Enter`,
      onkeydown: (event) => this.key(event),
    });
    this.title = el("div", { id: "topbar-left-info", "data-id": uid });
    return [
      el("div", { class: hashed("topbar") }, this.title,
        el("button", { "data-qa-id": "qa-transfer-conversation", onclick: this.askTransfer }, "转接")),
      this.scroller,
      el("div", { class: hashed("sendBox") }, this.input,
        el("div", { "data-qa-id": "qa-send-message-button", class: hashed("sendButton"), onclick: () => this.submit() }, "发送")),
    ];
  }

  head(row) {
    if (this.drawn.name === row?.name) return;
    this.drawn.name = row?.name;
    this.title.replaceChildren(
      el("span", { "data-qa-id": "qa-chat-user-name" }, row?.name ?? ""),
      el("span", { class: this.hashed("remark") }, "添加备注"));
  }

  opened() {
    this.scroller.dataset.loaded = "true";
  }

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submit();
  }

  message(message) {
    const { sender, kind, at, failed } = message;
    const { hashed } = this;
    if (sender === "system" && kind === "text") {
      return wrapper(`${message.id}_CsAssign_`, el("div", { class: hashed("sysTip") }, message.text));
    }
    const mine = sender === "shop" || sender === "robot";
    const side = sender === "system" ? hashed("middle") : mine ? "messageIsMe" : "messageNotMe";
    const id = kind === "card" || kind === "order" ? `${message.id}_template` : message.id;
    return wrapper(id,
      el("div", { class: `${hashed("bubbleLine")} ${side}`, style: `flex-direction: ${mine ? "row-reverse" : "row"}` },
        el("img", { alt: "头像", class: hashed("face"), src: "/static/icons/chat.svg" }),
        this.content(message),
        el("span", { class: hashed("messageTime") }, clock(at)),
        failed && el("span", { class: hashed("sendFail") }, "!")),
      sender === "robot" && el("div", { class: hashed("autoTip") }, "此消息由机器人自动回复"));
  }

  content({ kind, text, detail }) {
    const { hashed } = this;
    if (kind === "recall") return el("div", { class: hashed("recallTip") }, "用户撤回了一条消息");
    if (kind === "image") return el("img", { alt: "图片", class: hashed("picture"), src: "/static/goods/parcel.svg" });
    if (kind === "card" || kind === "order") {
      const [whole, part] = String(detail.price ?? detail.amount ?? "0.00").split(".");
      return el("div", { class: `chatd-card ${kind === "order" ? hashed("orderCard") : ""}` }, el("div", {}, detail.title ?? "订单"),
        el("span", { class: "chatd-price-price-inter" }, whole), el("span", { class: "chatd-price-price-decimal" }, `.${part}`));
    }
    return el("div", { class: hashed("textBubble") }, el("pre", {}, text));
  }
}

const wrapper = (id, ...children) => el("div", { "data-qa-id": "qa-message-warpper", "data-id": id }, ...children);
