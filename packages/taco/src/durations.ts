const units = [
  {name: 's', seconds: 1, below: 120},
  {name: 'min', seconds: 60, below: 7200},
  {name: 'h', seconds: 3600, below: 172_800},
  {name: 'd', seconds: 86_400, below: Number.POSITIVE_INFINITY},
] as const;

/** A time as people read it: `40 ms`, `2.4 s`, `90 s`, `3 min`, `5 h`, `2 d`. */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) {
    return seconds < 1 ? `${Math.round(ms)} ms` : `${seconds.toFixed(1)} s`;
  }

  const unit = units.find(({below}) => seconds < below) ?? units[3];
  return `${Math.round(seconds / unit.seconds)} ${unit.name}`;
}

/** @param ms null: never */
export function formatSilence(ms: number | null): string {
  return ms === null ? 'never' : formatDuration(ms);
}
