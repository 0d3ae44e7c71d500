import type {ChildProcess} from 'node:child_process';
import {once} from 'node:events';

/** Close the input of a child that ends with it, and wait until it has. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const closed = once(child, 'close');
    child.stdin?.end();
    await closed;
  }
}
