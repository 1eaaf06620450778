/** The lines from tags that had to move to the people whom they name. */

const SVG = "http://www.w3.org/2000/svg";

interface Leader {
  /** x and y of both ends in pixels, or null without a line. */
  line: readonly [number, number, number, number] | null;
  colour: string;
}

export class LeaderLines {
  private readonly svg = document.createElementNS(SVG, "svg");
  private readonly lines: SVGLineElement[] = [];

  constructor(host: HTMLElement) {
    this.svg.classList.add("leaders");
    this.svg.setAttribute("aria-hidden", "true");
    host.prepend(this.svg);
  }

  draw(leaders: readonly Leader[]): void {
    const drawn = leaders.filter(({ line }) => line !== null);
    while (this.lines.length < drawn.length) this.lines.push(this.add());
    this.lines.forEach((element, i) => {
      const leader = drawn[i];
      element.style.display = leader ? "" : "none";
      if (!leader?.line) return;
      ["x1", "y1", "x2", "y2"].forEach((name, k) => {
        element.setAttribute(name, leader.line![k]!.toFixed(1));
      });
      element.style.stroke = leader.colour;
    });
  }

  private add(): SVGLineElement {
    const line = document.createElementNS(SVG, "line");
    this.svg.append(line);
    return line;
  }
}
