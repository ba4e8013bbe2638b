// A surface to draw on that can be moved and zoomed: by pointer, wheel, touch, and keys.

import { button, el, svg } from '../dom.ts';

export interface Box { x: number; y: number; width: number; height: number }

/** What stands between the window on a drawing and the drawing. */
export class Surface {
  readonly picture: SVGSVGElement;
  readonly host: HTMLElement;
  private box: Box;
  private readonly pointers = new Map<number, { x: number; y: number }>();
  private dragged = false;
  onView: (scale: number, box: Box) => void = () => undefined;

  constructor(label: string, private whole: Box, private readonly closest = 200) {
    this.box = { ...whole };
    this.picture = svg('svg', { role: 'group', 'aria-label': label, tabindex: 0, class: 'picture' });
    this.host = el('div', { class: 'surface' }, this.picture, el('div', { class: 'zoom' },
      button('+', () => this.zoom(1.5), { 'aria-label': 'Zoom in' }),
      button('−', () => this.zoom(1 / 1.5), { 'aria-label': 'Zoom out' }),
      button('⤢', () => this.fit(), { 'aria-label': 'Show all', title: 'Show all (0)' })));
    this.listen();
    new ResizeObserver(() => this.update()).observe(this.host);
  }

  /** Drawing units in one pixel. */
  get scale(): number {
    const { clientWidth, clientHeight } = this.host;
    return Math.max(this.box.width / (clientWidth || 800), this.box.height / (clientHeight || 500));
  }

  private listen(): void {
    const picture = this.picture;
    picture.addEventListener('wheel', (event) => {
      event.preventDefault();
      const at = this.point(event.clientX, event.clientY);
      this.zoom(Math.exp(-event.deltaY / 400), at);
    }, { passive: false });
    picture.addEventListener('pointerdown', (event) => {
      this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      this.dragged = false;
    });
    picture.addEventListener('pointermove', (event) => this.drag(event));
    for (const end of ['pointerup', 'pointercancel', 'pointerleave'] as const) {
      picture.addEventListener(end, (event) => this.pointers.delete(event.pointerId));
    }
    picture.addEventListener('click', (event) => {
      if (this.dragged) event.stopPropagation();
    }, { capture: true });
    picture.addEventListener('keydown', (event) => {
      const step = this.scale * 60;
      const moves: Record<string, [number, number]> = {
        ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step],
      };
      const move = moves[event.key];
      if (move) this.move(...move);
      else if (event.key === '+' || event.key === '=') this.zoom(1.5);
      else if (event.key === '-') this.zoom(1 / 1.5);
      else if (event.key === '0') this.fit();
      else return;
      event.preventDefault();
    });
  }

  private drag(event: PointerEvent): void {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    const by = { x: event.clientX - before.x, y: event.clientY - before.y };
    if (Math.hypot(by.x, by.y) > 3 && !this.dragged) {
      this.dragged = true;
      this.picture.setPointerCapture(event.pointerId);
    }
    if (!this.dragged) return;
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (other) {
      const apart = (at: { x: number; y: number }): number => Math.hypot(at.x - other.x, at.y - other.y);
      this.zoom(apart({ x: event.clientX, y: event.clientY }) / (apart(before) || 1), this.point(other.x, other.y));
    } else {
      this.move(-by.x * this.scale, -by.y * this.scale);
    }
  }

  /** The place in the drawing under a place of the window. */
  point(x: number, y: number): { x: number; y: number } {
    const matrix = this.picture.getScreenCTM();
    if (!matrix) return { x: this.box.x, y: this.box.y };
    return new DOMPoint(x, y).matrixTransform(matrix.inverse());
  }

  move(x: number, y: number): void {
    this.box.x += x;
    this.box.y += y;
    this.update();
  }

  zoom(by: number, at = { x: this.box.x + this.box.width / 2, y: this.box.y + this.box.height / 2 }): void {
    const width = Math.min(Math.max(this.box.width / by, this.whole.width / this.closest), this.whole.width * 4);
    const real = this.box.width / width;
    this.box = {
      x: at.x - (at.x - this.box.x) / real, y: at.y - (at.y - this.box.y) / real,
      width, height: this.box.height / real,
    };
    this.update();
  }

  /** Shows a part of the drawing, or all of it. */
  fit(box: Box = this.whole): void {
    this.whole = box;
    this.box = { ...box };
    this.update();
  }

  private update(): void {
    const { x, y, width, height } = this.box;
    this.picture.setAttribute('viewBox', `${x} ${y} ${width} ${height}`);
    this.onView(this.scale, this.box);
  }
}
