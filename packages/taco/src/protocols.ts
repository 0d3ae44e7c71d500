const names: Readonly<Record<number, string>> = {0: 'any', 6: 'tcp', 17: 'udp', 132: 'sctp'};

export const affinities = ['flow', 'client', 'port', 'ipid'] as const;

/** @param protocol IP protocol number, 0: every protocol */
export function formatProtocol(protocol: number): string {
  return names[protocol] ?? String(protocol);
}

/** @returns the IP protocol number 0..255; undefined if the word is neither a known name nor such a number */
export function parseProtocol(word: string): number | undefined {
  const known = Object.entries(names).find(([, name]) => name === word.toLowerCase());
  if (known !== undefined) {
    return Number(known[0]);
  }

  return /^\d{1,3}$/.test(word) && Number(word) <= 255 ? Number(word) : undefined;
}
