// Vectors as points: the two directions in which they differ most, found in the page.

import type { Row } from '../api.ts';
import { el, show, svg } from '../dom.ts';
import { categories, idOf, legend, line, tint, titleOf, vectorOf } from './look.ts';
import { Surface } from './surface.ts';

/** More would keep the page busy for too long. */
export const MOST = 2000;
const ROUNDS = 40;

export interface Projection { points: { x: number; y: number }[]; explained: number }

function normalize(vector: Float64Array): number {
  let sum = 0;
  for (const part of vector) sum += part * part;
  const length = Math.sqrt(sum);
  if (length > 0) for (let i = 0; i < vector.length; i += 1) vector[i] /= length;
  return length;
}

/** One round of the power method: the covariance of the rows, applied to a direction. */
function applied(rows: Float64Array[], direction: Float64Array): Float64Array {
  const next = new Float64Array(direction.length);
  for (const row of rows) {
    let dot = 0;
    for (let i = 0; i < row.length; i += 1) dot += row[i] * direction[i];
    for (let i = 0; i < row.length; i += 1) next[i] += dot * row[i];
  }
  return next;
}

/** The two main directions of the vectors (principal components), and the share of the variance they hold. */
export function project(vectors: number[][]): Projection {
  const size = vectors[0]?.length ?? 0;
  const mean = new Float64Array(size);
  for (const vector of vectors) for (let i = 0; i < size; i += 1) mean[i] += vector[i] / vectors.length;
  const rows = vectors.map((vector) => Float64Array.from(vector, (part, i) => part - mean[i]));
  const total = rows.reduce((sum, row) => sum + row.reduce((all, part) => all + part * part, 0), 0);
  const axes: Float64Array[] = [];
  let held = 0;
  for (let axis = 0; axis < 2; axis += 1) {
    // Any start will do that is not at a right angle to the answer; the same one gives the same picture.
    let direction: Float64Array = Float64Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898 + axis * 78.233 + 1));
    let value = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const found of axes) {
        let dot = 0;
        for (let i = 0; i < size; i += 1) dot += direction[i] * found[i];
        for (let i = 0; i < size; i += 1) direction[i] -= dot * found[i];
      }
      normalize(direction);
      const next = applied(rows, direction);
      value = normalize(next);
      direction = next;
    }
    held += value;
    axes.push(direction);
  }
  const along = (row: Float64Array, axis: Float64Array): number => row.reduce((sum, part, i) => sum + part * axis[i], 0);
  return {
    points: rows.map((row) => ({ x: along(row, axes[0]), y: along(row, axes[1]) })),
    explained: total > 0 ? Math.min(1, held / total) : 0,
  };
}

/** A picture of the vectors of some rows. */
export function scatter(rows: Row[], open: (row: Row) => void): HTMLElement {
  const withVector = rows.flatMap((row) => {
    const vector = vectorOf(row);
    return vector ? [{ row, vector }] : [];
  });
  const size = withVector[0]?.vector.length;
  const same = withVector.filter((one) => one.vector.length === size);
  const used = same.slice(0, MOST);
  const { points, explained } = project(used.map((one) => one.vector));
  const colors = categories(used.map((one) => one.row));
  const [xs, ys] = [points.map((p) => p.x), points.map((p) => p.y)];
  const least = { x: Math.min(...xs), y: Math.min(...ys) };
  const reach = Math.max(Math.max(...xs) - least.x, Math.max(...ys) - least.y) || 1;
  const scaled = points.map((p) => ({ x: (p.x - least.x) / reach * 1000, y: 1000 - (p.y - least.y) / reach * 1000 }));
  const wide = { x: Math.max(...scaled.map((p) => p.x)), y: Math.min(...scaled.map((p) => p.y)) };
  const surface = new Surface('Vectors by their two main directions',
    { x: -40, y: wide.y - 40, width: wide.x + 80, height: 1000 - wide.y + 80 }, 60);
  const tip = el('output', { class: 'tip' });
  const dots = used.map(({ row }, at) => {
    const { x, y } = scaled[at];
    const label = `${titleOf(row) ?? idOf(row) ?? line(Object.values(row)[0] ?? null)} (${colors.of(row)})`;
    return svg('circle', {
      cx: x.toFixed(1), cy: y.toFixed(1), fill: tint(colors.names, colors.of(row)), class: 'dot',
      onpointerenter: () => show(tip, label), onpointerleave: () => show(tip), onclick: () => open(row),
    }, svg('title', {}, label));
  });
  surface.picture.append(...dots);
  surface.onView = (scale) => surface.picture.style.setProperty('--dot', String(4.2 * scale));
  const left = rows.length - used.length;
  return el('div', { class: 'drawn' },
    el('p', { class: 'note' }, `${used.length} vectors of ${size} dimensions. The two directions shown hold `
      + `${Math.round(explained * 100)} % of their variance.`
      + (left > 0 ? ` ${left} rows are not shown: ${same.length > MOST ? `more than ${MOST}` : 'they have no vector of that length'}.` : '')),
    surface.host, tip, legend(colors.names));
}
