/** What one kernel says. */
export type Finding = {
  /** Its release; empty: it did not come so far. */
  readonly kernel: string;
  readonly objects: readonly ObjectFinding[];
};

export type ObjectFinding = {
  /** Such as `forwarder`. */
  readonly name: string;
  readonly isLoaded: boolean;
  readonly programs: readonly ProgramFinding[];
  /** Last words of the verifier about one that it refused. */
  readonly reason: string;
};

export type ProgramFinding = {
  readonly name: string;
  /** Instructions that the verifier looked at, and how many it may. */
  readonly instructions: number;
  readonly limit: number;
};

/** Read what the machine has said on its console; what its firmware and its kernel say besides is left out. */
export function readConsole(text: string): Finding {
  const objects: ObjectFinding[] = [];
  let [kernel, program] = ['', ''];
  let [programs, reasons] = [[] as ProgramFinding[], [] as string[]];
  for (const line of text.split(/\r?\n/)) {
    const [, word = '', rest = ''] = /(kernel|verifier|reason|object) (.*)$/.exec(line) ?? [];
    const [, instructions, limit] = /^processed (\d+) insns \(limit (\d+)\)/.exec(rest) ?? [];
    if (word === 'kernel' && kernel === '') {
      kernel = rest.trim();
    } else if (word === 'verifier' && instructions !== undefined) {
      programs.push({name: program, instructions: Number(instructions), limit: Number(limit)});
    } else if (word === 'verifier') {
      program = /prog '(\w+)'/.exec(rest)?.[1] ?? program;
    } else if (word === 'reason') {
      reasons.push(rest.trim());
    } else if (word === 'object') {
      const [name = '', result] = rest.trim().split(' ');
      objects.push({name, isLoaded: result === 'loaded', programs, reason: reasons.join('; ')});
      [programs, reasons] = [[], []];
    }
  }

  return {kernel, objects};
}
