// The plain dialect: a desk as its makers would build it if machines were meant to read it.
import { Desk } from "/static/desk.js";
import { el, home } from "/static/dom.js";
import { rig } from "/static/manners.js";
import { List } from "./list.js";
import { Thread } from "./thread.js";
import { Panels } from "./panels.js";

const STATES = { online: "在线", busy: "忙碌", offline: "离线" };

class View {
  constructor(shop) {
    this.desk = new Desk(shop, (what, given) => this.hear(what, given));
    this.list = new List(this.desk);
    this.thread = new Thread(this.desk, () => this.askTransfer());
    this.panels = new Panels(this.desk, (text) => this.thread.insert(text));
    this.toasts = el("div", { class: "toasts", role: "status" });
    this.presence = el("div", { class: "presence", role: "group", "aria-label": "在线状态" });
    this.account = el("span", { class: "account" });
    this.title = el("span", { class: "shop-title" });
  }

  async start() {
    await this.desk.start();
    const logout = el("form", { method: "post", action: `/${this.desk.shop}/logout` },
      el("button", { class: "logout", title: "退出登录" }, "退出"));
    const top = el("header", { class: "topbar" },
      el("img", { class: "logo", src: "/static/icon.svg", alt: "" }),
      this.title, el("span", { class: "desk-title" }, "客服工作台"), el("span", { class: "spacer" }), this.presence, this.account, logout);
    home.append(el("div", { class: "desk" }, top, this.list.node, this.thread.node, this.panels.node), this.toasts);
  }

  hear(what, given) {
    if (what === "calm") return this.toasts.replaceChildren();
    if (what === "notice") return this.toast(given.text, given.kind);
    if (given.has("list")) this.list.draw();
    if (given.has("list") || given.has("thread")) this.thread.draw();
    if (given.has("panel")) this.panels.draw();
    if (given.has("people")) this.drawPeople();
    if (given.has("line")) this.drawLine();
  }

  drawPeople() {
    const { me, title } = this.desk;
    this.title.textContent = title;
    this.account.textContent = me.name;
    this.presence.dataset.state = me.presence;
    this.presence.replaceChildren(...Object.entries(STATES).map(([state, name]) =>
      el("button", {
        class: state === me.presence ? "presence-state is-on" : "presence-state",
        "data-state": state,
        "aria-pressed": String(state === me.presence),
        onclick: () => this.desk.setPresence(state),
      }, name)), ...(this.desk.robot ? [el("span", { class: "robot-sign" }, "机器人接待中")] : []));
    this.dialog?.replaceWith((this.dialog = this.transferDialog()));
  }

  drawLine() {
    home.querySelector(".offline-bar")?.remove();
    if (this.desk.line === "lost") {
      home.prepend(el("div", { class: "offline-bar", role: "alert" }, "连接已断开，正在重新连接…"));
    }
    if (this.desk.line === "expired" && !home.querySelector(".expired-dialog")) {
      const again = el("a", { class: "expired-login", href: `/${this.desk.shop}/login` }, "重新登录");
      home.append(el("div", { class: "cover" },
        el("div", { class: "dialog expired-dialog", role: "alertdialog" },
          el("h2", {}, "登录已过期"), el("p", {}, "为了账号安全，请重新登录后继续接待。"), again)));
    }
  }

  cover(text, away) {
    const button = el("button", { class: "notice-close", onclick: () => node.remove() }, away);
    const node = el("div", { class: "cover notice-cover" }, el("div", { class: "dialog" }, el("p", {}, text), button));
    home.append(node);
  }

  toast(text, kind) {
    const toast = el("div", { class: `toast is-${kind}` }, text);
    this.toasts.append(toast);
    setTimeout(() => toast.remove(), 3000);
  }

  askTransfer() {
    this.chosen = null;
    this.dialog?.remove();
    this.dialog = this.transferDialog();
    home.append(this.dialog);
  }

  closeTransfer() {
    this.dialog?.remove();
    this.dialog = null;
  }

  transferDialog() {
    const confirm = el("button", { class: "transfer-confirm", disabled: !this.chosen, onclick: () => this.transfer() }, "确认转接");
    const rows = [...this.desk.colleagues.values()].map((one) => this.colleague(one, confirm));
    return el("div", { class: "cover" },
      el("div", { class: "dialog transfer-dialog", role: "dialog", "aria-label": "转接会话" },
        el("h2", {}, "转接会话"),
        el("p", {}, "选择一位在线客服，买家会继续由对方接待。"),
        el("div", { class: "colleagues" }, ...rows),
        el("div", { class: "dialog-foot" },
          el("button", { class: "transfer-cancel", onclick: () => this.closeTransfer() }, "取消"), confirm)));
  }

  colleague(one, confirm) {
    const online = one.presence === "online";
    const chosen = this.chosen === one.user && online;
    const node = el("button", {
      class: `colleague is-${one.presence}${chosen ? " is-chosen" : ""}`,
      "data-account": one.user,
      disabled: !online,
    }, el("span", { class: "colleague-name" }, one.name), el("span", { class: "colleague-state" }, STATES[one.presence]));
    node.addEventListener("click", () => {
      this.chosen = one.user;
      confirm.disabled = false;
      for (const other of node.parentElement.children) other.classList.toggle("is-chosen", other === node);
    });
    return node;
  }

  async transfer() {
    if (await this.desk.transfer(this.chosen)) this.closeTransfer();
  }
}

rig(new View(document.body.dataset.shop)).then((view) => view.start());
