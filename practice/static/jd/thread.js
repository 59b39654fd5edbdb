// The open conversation: buyers left, the shop right, an editor that is no form field.
import { clock, el } from "/static/dom.js";
import { Pane } from "/static/pane.js";

const two = (number) => String(number).padStart(2, "0");
const stamp = (ms) => {
  const date = new Date(ms);
  return `${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock(ms)}`;
};

export class Thread extends Pane {
  constructor(desk, askTransfer) {
    super(desk, el("div", { class: "chat-main" }));
    this.askTransfer = askTransfer;
  }

  get text() {
    return this.input.innerText;
  }

  set text(text) {
    this.input.textContent = text;
  }

  frame({ uid }) {
    this.list = el("div", { class: "c-c" });
    this.scroller = el("div", { id: "t-chat-scroll" }, this.list);
    this.head_ = el("div", { class: "chat-head-name" });
    this.input = el("div", { class: "EditorContent", contenteditable: "true", onkeydown: (event) => this.key(event), onpaste: plain });
    return [
      el("div", { class: "chat-head" }, this.head_, el("button", { class: "chat-head-transfer", onclick: this.askTransfer }, "转接")),
      this.scroller,
      el("div", { class: "Editor" }, this.input,
        el("div", { class: "SendButtonGroup" },
          el("span", { class: "send-hint" }, this.desk.sendKey === "Enter" ? "Enter 发送" : "Ctrl+Enter 发送"),
          el("div", { class: "send-button", onclick: () => this.submit() }, "发送"))),
    ];
  }

  head(row, { uid }) {
    if (this.drawn.name === row?.name) return;
    this.drawn.name = row?.name;
    this.head_.replaceChildren(el("span", { title: uid }, row?.name ?? ""), el("span", { class: "consult-type" }, "[在线咨询]"));
  }

  opened() {}

  // Which key sends is each account's own choice; the other one breaks the line.
  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    if (event.ctrlKey !== (this.desk.sendKey === "Control+Enter")) return;
    event.preventDefault();
    this.submit();
  }

  message(message) {
    const { sender, kind, at, id, failed } = message;
    if (sender === "system" && kind === "text") {
      return el("div", { class: "message" }, el("div", { id }, el("div", { class: "message__system_wrap" }, el("span", { class: "message__system" }, message.text))));
    }
    const side = sender === "buyer" ? "left" : sender === "system" ? "center" : "right";
    const time = el("span", { class: "message__time_str" }, stamp(at));
    return el("div", { class: "message" },
      el("div", { class: `message_${side}`, id },
        el("div", { class: "message__nickname" }, sender === "robot" ? "京小智" : "", time),
        el("div", { class: "message-body" }, this.content(message), failed && el("i", { class: "message__send_fail" }, "!"))));
  }

  content({ sender, kind, text, detail }) {
    if (kind === "recall") return el("span", { class: "message__recall" }, "撤回了一条消息");
    if (kind === "image") return el("img", { class: "message__image", src: "/static/goods/parcel.svg", alt: "" });
    if (kind === "card") return el("div", { class: "CardWrapper ProductCard" }, `${detail.title} ¥${detail.price}`);
    if (kind === "order") return el("div", { class: "CardWrapper OrderCard" }, `订单 ${detail.number ?? ""}`);
    const robot = sender === "robot" && el("div", { class: "message__robot_mark" }, "机器人回复");
    return el("pre", { class: "message__text" }, el("span", { class: "message__content" }, text), robot);
  }
}

const plain = (event) => {
  event.preventDefault();
  document.execCommand("insertText", false, event.clipboardData.getData("text/plain"));
};
