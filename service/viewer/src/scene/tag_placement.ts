/** Placement of the tags: inside the picture, and off the headline and each other. */

/** A rectangle in pixels from the top left of the picture. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A point in pixels from the top left of the picture. */
export type Point = [number, number];

const GAP_PX = 4;
/** The width of a person from above the head to the knees, and the height, in head to chest. */
const PERSON_WIDTH = 0.6;
const PERSON_HEIGHT = 3;
/** Down counts as further than up: below a tag is the head that it belongs to. */
const LOWER_IS_WORSE = 1.5;

/**
 * Moves each box of `wanted` to the nearest free place inside `frame`, off the `taken` boxes, off
 * the `people` and off the boxes placed before it. A box for which there is no free place is only
 * kept inside.
 */
export function spread(
  wanted: readonly Box[],
  frame: { width: number; height: number },
  taken: readonly Box[],
  people: readonly Box[] = [],
): Box[] {
  const placed: Box[] = [];
  for (const box of wanted) {
    const home = inside(box, frame);
    const obstacles = [...taken, ...people, ...placed];
    const free = placesFor(home, taken, [...people, ...placed])
      .map((place) => inside(place, frame))
      .filter((place) => !obstacles.some((other) => overlap(place, other)));
    placed.push(nearest(free, home) ?? home);
  }
  return placed;
}

/** The box around a person whose head and chest are at these points, down to the knees. */
export function personBox([headX, headY]: Point, [chestX, chestY]: Point): Box {
  const size = Math.abs(chestY - headY);
  const [width, height] = [size * PERSON_WIDTH, size * PERSON_HEIGHT];
  return { left: (headX + chestX - width) / 2, top: Math.min(headY, chestY) + 1, width, height };
}

/** Where a box that was moved this far from its person has a line to the person. */
const LED_FROM_PX = 10;

/** The line from a box to its person at `x`, `y`; null if the box is right above the person. */
export function leaderOf(box: Box, x: number, y: number): [number, number, number, number] | null {
  const [middle, foot] = [box.left + box.width / 2, box.top + box.height];
  const near = Math.abs(y - foot) < LED_FROM_PX && box.left < x && x < box.left + box.width;
  if (near) return null;
  // From the point of the lower edge that is nearest to the person, off the round ends.
  const reach = Math.max(0, box.width / 2 - box.height / 2);
  const from = Math.min(middle + reach, Math.max(middle - reach, x));
  return [from, y < box.top ? box.top : foot, x, y];
}

/** Candidate places: `home`, beside the taken boxes, and above or below any box in the way. */
function placesFor(home: Box, taken: readonly Box[], placed: readonly Box[]): Box[] {
  const lefts = taken.flatMap((box) => [
    box.left - home.width - GAP_PX,
    box.left + box.width + GAP_PX,
  ]);
  const tops = [...taken, ...placed].flatMap((box) => [
    box.top - home.height - GAP_PX,
    box.top + box.height + GAP_PX,
  ]);
  return [home.left, ...lefts].flatMap((left) =>
    [home.top, ...tops].map((top) => ({ ...home, left, top })),
  );
}

function nearest(places: readonly Box[], home: Box): Box | null {
  const farness = ({ left, top }: Box) => {
    const down = top - home.top;
    return Math.hypot(left - home.left, down > 0 ? LOWER_IS_WORSE * down : down);
  };
  return places.reduce<Box | null>(
    (best, place) => (best && farness(best) <= farness(place) ? best : place),
    null,
  );
}

function inside(box: Box, frame: { width: number; height: number }): Box {
  const within = (at: number, size: number, room: number) =>
    Math.max(GAP_PX, Math.min(at, room - size - GAP_PX));
  const left = within(box.left, box.width, frame.width);
  return { ...box, left, top: within(box.top, box.height, frame.height) };
}

function overlap(a: Box, b: Box): boolean {
  const across = a.left < b.left + b.width && b.left < a.left + a.width;
  return across && a.top < b.top + b.height && b.top < a.top + a.height;
}
