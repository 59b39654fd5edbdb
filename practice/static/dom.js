// Small helpers that every view needs. Text goes into the page as text nodes only, never as markup.
export const el = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
};

// Where the desk stands: the page itself, or a shadow root that takes no room of its own.
const inShadow = () => {
  const host = el("div", { class: "desk-host", style: "display: contents" });
  document.body.append(host);
  const root = host.attachShadow({ mode: "open" });
  root.append(...Array.from(document.querySelectorAll("link[rel=stylesheet]"), (link) => link.cloneNode()));
  return root;
};
const manners = (document.body?.dataset.manners ?? "").split(",");
export const home = manners.includes("shadow") ? inShadow() : document.body;

// Writes only what is new: a page that says nothing new stirs nobody.
export const write = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};

// Puts `nodes` into `holder` in this order; those that stand right are not touched, others that were there go.
export const arrange = (holder, nodes) => {
  let place = holder.firstElementChild;
  for (const node of nodes) {
    if (node === place) place = place.nextElementSibling;
    else holder.insertBefore(node, place);
  }
  while (place) {
    const next = place.nextElementSibling;
    place.remove();
    place = next;
  }
};

const two = (number) => String(number).padStart(2, "0");

export const iso = (ms) => new Date(ms).toISOString();

export const clock = (ms) => {
  const date = new Date(ms);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
};

// 09:41 today, 11-22 09:41 before.
export const shortTime = (ms, now) => {
  const date = new Date(ms);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  const today = new Date(now).toDateString() === date.toDateString();
  return today ? time : `${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
};

// 2分30秒
export const spell = (seconds) => (seconds >= 60 ? `${Math.floor(seconds / 60)}分${seconds % 60}秒` : `${seconds}秒`);

// 2分30秒后超时, 9秒后超时; once late 已等待3分20秒, 已等待1小时5分.
export const waitingText = (left, threshold) => {
  if (left > 0) {
    return `${spell(Math.ceil(left))}后超时`;
  }
  const waited = Math.floor(threshold - left);
  if (waited >= 3600) return `已等待${Math.floor(waited / 3600)}小时${Math.floor((waited % 3600) / 60)}分`;
  return `已等待${spell(waited)}`;
};

const HUES = [212, 14, 162, 266, 38, 340, 188, 94];

// The same buyer always has the same colour.
export const avatar = (uid, name) => {
  const sum = Array.from(uid).reduce((total, sign) => total + sign.codePointAt(0), 0);
  return el("span", { class: "avatar", style: `--hue:${HUES[sum % HUES.length]}`, "aria-hidden": "true" }, Array.from(name)[0] ?? "?");
};
