// What this page reacts to: a press and a release on the same thing, both made by a real hand.
export const pressed = (node, act) => {
  let down = false;
  node.addEventListener("mousedown", (event) => {
    down = event.isTrusted && event.button === 0;
  });
  node.addEventListener("mouseup", (event) => {
    if (down && event.isTrusted) act();
    down = false;
  });
  return node;
};
