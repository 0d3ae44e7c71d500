import {styleText} from 'node:util';
import {holderOf} from '@tacoplex/lab';
import Table from 'cli-table3';
import {createLogUpdate} from 'log-update';
import type {Scene, Watch} from './story.ts';
import type {Document} from './verdict.ts';

const barWidth = 30;

/** Steps as lines; on a terminal also what is happening, drawn anew twice a second. All on stderr. */
export function openScreen(stream: NodeJS.WriteStream): Watch & {readonly close: () => void} {
  const draw = stream.isTTY ? createLogUpdate(stream) : undefined;
  let last: {sent: number; at: number} | undefined;
  return {
    step(what) {
      draw?.clear();
      stream.write(`${stream.isTTY ? styleText('bold', what) : what}\n`);
    },
    scene(scene) {
      const now = {sent: scene.tally.sent, at: performance.now()};
      const perSecond = last === undefined ? 0 : ((now.sent - last.sent) * 1000) / (now.at - last.at);
      last = now;
      draw?.(drawScene(scene, perSecond));
    },
    close() {
      draw?.clear();
    },
  };
}

function drawScene({tally, status}: Scene, perSecond: number): string {
  const answered = Math.max(1, tally.sent - tally.failed);
  const servers = Object.entries(tally.perServer)
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, requests]) => {
      const share = requests / answered;
      return `  ${name.padEnd(10)} ${'█'.repeat(Math.round(share * barWidth)).padEnd(barWidth)} ${String(requests).padStart(6)}  ${(100 * share).toFixed(1).padStart(5)} %`;
    });
  const levelers = status.levelers.map(({name, state}) => {
    const marks = [name === status.leader ? 'leader' : '', name === holderOf(status) ? 'holds the LevIP' : ''];
    return `  ${name.padEnd(10)} ${state.padEnd(8)} ${marks.filter(mark => mark !== '').join(', ')}`;
  });
  return [
    '',
    ...levelers,
    '',
    ...servers,
    '',
    `  ${perSecond.toFixed(0)} requests/s, ${tally.sent} in all, ${tally.failed} failed`,
    '',
  ].join('\n');
}

/** The figures as a table for people. */
export function formatSummary({demo}: Document): string {
  const table = new Table({style: {head: [], border: [], compact: true}});
  table.push(
    {'levelers forward by': demo.engine},
    {requests: `${demo.requests.sent} sent, ${demo.requests.failed} failed`},
    ...Object.entries(demo.requests.perCause).map(([cause, times]) => ({[`  failed: ${cause}`]: String(times)})),
    ...Object.entries(demo.requests.perServer).map(([server, times]) => ({[`  answered by ${server}`]: String(times)})),
    {'longest silence while servers changed': `${demo.changes.gapMs} ms`},
    {[`longest silence when ${demo.crash.holder} lost power`]: `${demo.crash.gapMs} ms`},
    {'taken over by': demo.crash.successor},
    {took: `${demo.seconds} s`},
  );
  const verdict = demo.ok ? 'ok: every server served, the crash was survived' : `NOT ok: ${demo.faults.join('; ')}`;
  return `${table.toString()}\n${verdict}`;
}
