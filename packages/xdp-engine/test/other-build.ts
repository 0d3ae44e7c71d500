import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {xdpLayout} from '../src/layout.ts';

/** A build of this package as a later version would be, whose maps have another layout. Beside our own: what it imports is found from there. */
export class OtherBuild {
  readonly layout: number;
  readonly #folder: string;

  constructor(layout = xdpLayout + 1) {
    this.layout = layout;
    const dist = fileURLToPath(new URL('..', import.meta.url));
    this.#folder = mkdtempSync(join(dist, 'other-'));
    for (const part of ['src', 'bpf', 'test/engine-process.js']) {
      cpSync(join(dist, part), join(this.#folder, part), {recursive: true});
    }

    const file = join(this.#folder, 'src/layout.js');
    const own = `xdpLayout = ${xdpLayout};`;
    const text = readFileSync(file, 'utf8');
    if (!text.includes(own)) {
      throw new RangeError(`${file}: where is the layout?`);
    }

    writeFileSync(file, text.replace(own, `xdpLayout = ${layout};`));
  }

  /** Its engine process. */
  get script(): string {
    return join(this.#folder, 'test/engine-process.js');
  }

  remove(): void {
    rmSync(this.#folder, {recursive: true});
  }
}
