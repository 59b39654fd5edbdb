// The page does not say that its login has ended: it looks as ever, and nothing works.
export default ({ desk }) => {
  const set = desk.setLine.bind(desk);
  desk.setLine = (line) => line === "expired" ? undefined : set(line);
};
