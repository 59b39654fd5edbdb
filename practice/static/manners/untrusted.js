// Clicks and keys that no hand made are not heard.
const TYPES = ["mousedown", "mouseup", "click", "dblclick", "pointerdown", "pointerup", "keydown", "keypress", "keyup", "input", "change"];

export default () => {
  const stop = (event) => {
    if (!event.isTrusted) event.stopImmediatePropagation();
  };
  for (const type of TYPES) addEventListener(type, stop, true);
};
