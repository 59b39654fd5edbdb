// The open conversation. Enter breaks the line: only the button sends.
import { clock, el } from "/static/dom.js";
import { Pane } from "/static/pane.js";
import { pressed } from "./press.js";

const two = (number) => String(number).padStart(2, "0");
const day = (ms) => {
  const date = new Date(ms);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

export class Thread extends Pane {
  constructor(desk, askTransfer) {
    super(desk, el("div", { class: "chat-window" }));
    this.askTransfer = askTransfer;
  }

  frame({ uid }) {
    this.list = el("ul", { currentuid: uid });
    this.scroller = el("div", { id: "msgListContainer" }, this.list);
    this.name = el("span", { class: "name" });
    this.input = el("textarea", { id: "replyTextarea", placeholder: "请输入回复内容", oninput: () => this.count() });
    this.button = pressed(el("div", { class: "send-btn disabled" }, "发送"), () => this.submit());
    return [
      el("div", { class: "chatWindowHeader" },
        el("div", { class: "base-info" }, this.name, el("span", { class: "remark" }, "点击添加备注信息")),
        pressed(el("span", { class: "transfer-chat-item-btn" }, "转移会话"), this.askTransfer)),
      this.scroller,
      el("div", { class: "reply-box" }, this.input, this.button),
    ];
  }

  head(row) {
    this.name.textContent = row?.name ?? "";
  }

  opened() {
    this.count();
  }

  // The page believes in what was typed only when it heard of it.
  count() {
    this.typed = this.text;
    this.button.classList.toggle("disabled", !this.typed.trim());
  }

  async submit() {
    if (this.typed !== this.text) return;
    await super.submit();
    this.count();
  }

  message(message) {
    const { sender, kind, at, id, failed } = message;
    const node = (...children) => el("li", { class: `clearfix onemsg${failed ? " send-fail" : ""}`, id: `middlePanel_list_${at}${id.slice(-4)}` }, ...children);
    const time = el("p", { class: "message-time" }, `${day(at)} ${clock(at)}`);
    if (sender === "system") {
      const text = kind === "text" ? message.text : "买家从商品详情页进入";
      return node(time, el("div", { class: "msg-system" }, el("span", { class: "msg-content-box" }, text), kind === "card" && this.content(message)));
    }
    const side = sender === "buyer" ? "buyer-item" : sender === "shop" && message.account !== this.desk.me.user ? "seller-item" : "cs-item";
    return node(time, el("div", { class: side }, el("div", { class: "msg-content" }, this.content(message), failed && el("i", { class: "send-error" }, "!"))));
  }

  content({ sender, kind, text, detail }) {
    if (kind === "recall") return el("span", { class: "msg-recall" }, "消息已撤回");
    if (kind === "image") return el("div", { class: "image-msg" }, el("img", { src: "/static/goods/parcel.svg" }));
    if (kind === "card") {
      return el("div", { class: "good-card" }, el("p", { class: "good-name" }, detail.title), el("p", { class: "good-price" }, `¥${detail.price}`), el("p", { class: "good-id" }, `商品ID：${detail.id}`));
    }
    if (kind === "order") return el("div", { class: "commonCard order-card" }, el("p", {}, `订单编号：${detail.number ?? ""}`));
    if (sender === "robot") return el("div", { class: "robot-text" }, el("div", { class: "msg-content-box" }, text), el("p", { class: "auto-note" }, "-自动回复"));
    return el("div", { class: "msg-content-box" }, text);
  }
}
