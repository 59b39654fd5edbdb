// The list looks for news twice a minute; the open conversation is told at once.
const EVERY = 30_000;

export default ({ list }) => {
  const draw = list.draw.bind(list);
  let drawn = false;
  list.draw = () => {
    if (!drawn) draw();
    drawn = true;
  };
  setInterval(draw, EVERY);
};
