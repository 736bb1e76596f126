import { type Bucket, type Tally, timeline } from './buckets.js';
import type { AuditCount } from './vault-api.js';
import { VisibleText } from './visible-text.js';

const OUTCOMES = ['allowed', 'masked', 'denied', 'failed'] as const;
const WIDTH = 600;
const HEIGHT = 120;
/** By user, property or operation the most frequent come first. */
const MOST_ROWS = 100;

interface Props {
  readonly by: string;
  readonly counts: readonly AuditCount[];
  readonly counted: number;
  readonly complete: boolean;
}

/** How many accesses there were, by time as bars, and always as a table too. */
export function Chart({ by, counts, counted, complete }: Props) {
  const { unit, buckets } = timeline(by === 'hour' ? counts : []);
  const rows: readonly Bucket[] =
    by === 'hour'
      ? buckets.filter((bucket) => totalOf(bucket) > 0)
      : counts.map((count) => ({ ...count, label: count.key }));
  const caption = by === 'hour' ? `Accesses by ${unit} (UTC)` : `Accesses by ${by}`;
  const table = <CountTable caption={caption} rows={rows} />;

  return (
    <div class="chart">
      <p>
        {counted} counted{complete ? '' : ', the newest of more'}.
      </p>
      {by === 'hour' && <Bars title={caption} buckets={buckets} />}
      {by === 'hour' ? (
        <details>
          <summary>The chart as a table</summary>
          {table}
        </details>
      ) : (
        table
      )}
    </div>
  );
}

function Bars({ title, buckets }: { readonly title: string; readonly buckets: readonly Bucket[] }) {
  const most = buckets.reduce((max, bucket) => Math.max(max, totalOf(bucket)), 1);
  const step = WIDTH / Math.max(buckets.length, 1);
  const described =
    buckets.length > 0 ? `${title}, from ${buckets[0]!.label} to ${buckets.at(-1)!.label}` : title;
  return (
    <figure>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${described}. The table below has the numbers.`}
      >
        {buckets.map((bucket, at) => (
          <Bar key={bucket.label} bucket={bucket} x={at * step} width={step} most={most} />
        ))}
        <line class="axis" x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
      </svg>
      <figcaption>
        <span>{buckets[0]?.label}</span>
        <span class="legend">
          {OUTCOMES.map((outcome) => (
            <span key={outcome} class={`key ${outcome}`}>
              {outcome}
            </span>
          ))}
        </span>
        <span>{buckets.length > 1 && buckets.at(-1)!.label}</span>
      </figcaption>
    </figure>
  );
}

interface BarProps {
  readonly bucket: Bucket;
  readonly x: number;
  readonly width: number;
  readonly most: number;
}

function Bar({ bucket, x, width, most }: BarProps) {
  let top = HEIGHT;
  const gap = Math.min(width * 0.2, 2);
  return (
    <g>
      <title>{`${bucket.label}: ${OUTCOMES.map((outcome) => `${bucket[outcome]} ${outcome}`).join(', ')}`}</title>
      {OUTCOMES.map((outcome) => {
        const height = (bucket[outcome] / most) * HEIGHT;
        top -= height;
        return (
          <rect
            key={outcome}
            class={outcome}
            x={x}
            y={top}
            width={Math.min(width - gap, 40)}
            height={height}
          />
        );
      })}
    </g>
  );
}

function CountTable({ caption, rows }: { readonly caption: string; readonly rows: readonly Bucket[] }) {
  const shown = rows.slice(0, MOST_ROWS);
  return (
    <div class="scroll" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">What</th>
            {OUTCOMES.map((outcome) => (
              <th key={outcome} scope="col">
                {outcome}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.label}>
              <th scope="row">
                {row.label === '' ? <span class="none">none</span> : <VisibleText text={row.label} />}
              </th>
              {OUTCOMES.map((outcome) => (
                <td key={outcome}>{row[outcome]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function totalOf(tally: Tally): number {
  return OUTCOMES.reduce((sum, outcome) => sum + tally[outcome], 0);
}
