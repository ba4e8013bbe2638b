// Places on a plain map: an outline drawn by hand and lines of longitude and latitude. Nothing is fetched.

import type { Row } from '../api.ts';
import { el, show, svg } from '../dom.ts';
import { categories, idOf, legend, placeOf, tint, titleOf } from './look.ts';
import { Surface, type Box } from './surface.ts';
import { world } from './world.ts';

const MOST = 5000;
/** Degrees in sight below which the outline is too coarse to be shown. */
const COARSE = 14;
const STEPS = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01];

const degrees = (value: number, plus: string, minus: string): string =>
  `${Math.abs(Number(value.toFixed(2)))}°${value > 0 ? plus : value < 0 ? minus : ''}`;

/** The lines of degrees that fit the part in sight, with their names at its edges. */
function lines(scale: number, box: Box): SVGElement[] {
  const step = STEPS.find((one) => one / scale < 180) ?? 0.01;
  const [left, right] = [Math.max(-180, box.x), Math.min(180, box.x + box.width)];
  const [top, bottom] = [Math.max(-90, box.y), Math.min(90, box.y + box.height)];
  const made: SVGElement[] = [];
  const size = 11 * scale;
  for (let x = Math.ceil(left / step) * step; x <= right; x += step) {
    made.push(svg('line', { x1: x, x2: x, y1: top, y2: bottom, class: 'degree' }),
      svg('text', { x: x + 3 * scale, y: bottom - 4 * scale, 'font-size': size, class: 'degrees' }, degrees(x, ' E', ' W')));
  }
  for (let y = Math.ceil(top / step) * step; y <= bottom; y += step) {
    made.push(svg('line', { x1: left, x2: right, y1: y, y2: y, class: 'degree' }),
      svg('text', { x: left + 3 * scale, y: y - 3 * scale, 'font-size': size, class: 'degrees' }, degrees(-y, ' N', ' S')));
  }
  return made;
}

/** A map of the rows that have a place. */
export function map(rows: Row[], open: (row: Row) => void): HTMLElement {
  const placed = rows.flatMap((row) => {
    const place = placeOf(row);
    return place ? [{ row, x: place.longitude, y: -place.latitude }] : [];
  });
  const used = placed.slice(0, MOST);
  const colors = categories(used.map((one) => one.row));
  const surface = new Surface('Map', { x: -180, y: -90, width: 360, height: 180 }, 20_000);
  const grid = svg('g', {});
  const land = svg('path', { d: world(), class: 'land' });
  const tip = el('output', { class: 'tip' });
  const dots = used.map(({ row, x, y }) => {
    const name = `${titleOf(row) ?? idOf(row) ?? ''} ${degrees(-y, ' N', ' S')} ${degrees(x, ' E', ' W')}`;
    return svg('circle', {
      cx: x, cy: y, class: 'dot', fill: tint(colors.names, colors.of(row)), onclick: () => open(row),
      onpointerenter: () => show(tip, name), onpointerleave: () => show(tip),
    }, svg('title', {}, name));
  });
  surface.picture.append(svg('rect', { x: -180, y: -90, width: 360, height: 180, class: 'sea' }),
    land, grid, svg('g', {}, ...dots));
  surface.onView = (scale, box) => {
    surface.picture.style.setProperty('--dot', String((used.length > 500 ? 3 : 5) * scale));
    // Close up the outline would say what is not so.
    land.classList.toggle('hidden-name', box.width < COARSE);
    grid.replaceChildren(...lines(scale, box));
  };
  const [xs, ys] = [used.map((one) => one.x), used.map((one) => one.y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) - x, Math.max(...ys) - y];
  const around = Math.max(width, height, 1) * 0.15;
  if (width < 200) surface.fit({ x: x - around, y: y - around, width: width + 2 * around, height: height + 2 * around });
  const without = rows.length - placed.length;
  return el('div', { class: 'drawn' },
    el('p', { class: 'note' }, `${used.length} places, latitude and longitude as they are (equirectangular).`
      + (without > 0 ? ` ${without} rows have no place.` : '') + (placed.length > MOST ? ` More than ${MOST} are not drawn.` : '')),
    surface.host, tip, legend(colors.names));
}
