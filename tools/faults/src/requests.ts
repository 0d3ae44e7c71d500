import {get} from 'node:http';

const patienceMs = 8000;

/** What all requests together have come to. */
export type RequestSum = {sent: number; failed: number; perCause: {[cause: string]: number}};

/** Fetch a page over a connection of its own; counted when it is over. */
export function request(host: string, sum: RequestSum): void {
  const asking = get({host, path: '/', agent: false, timeout: patienceMs, headers: {connection: 'close'}});
  let isOver = false;
  const end = (cause?: string): void => {
    if (!isOver) {
      isOver = true;
      sum.sent++;
      if (cause !== undefined) {
        sum.failed++;
        sum.perCause[cause] = (sum.perCause[cause] ?? 0) + 1;
      }
    }
  };
  asking.on('timeout', () => {
    end('no answer');
    asking.destroy();
  });
  asking.on('error', error => end((error as NodeJS.ErrnoException).code ?? error.message));
  asking.on('response', answer => {
    answer.on('error', () => end('cut short'));
    answer.on('end', () => end(answer.statusCode === 200 ? undefined : `status ${answer.statusCode}`));
    answer.resume();
  });
}
