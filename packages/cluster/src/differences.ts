/** What became of a list whose items have keys: what is new or differs, and what is gone. */
export type Differences<Item> = {readonly changed: readonly Item[]; readonly gone: readonly Item[]};

type Key = string | number;

/** @param same whether two items of one key are equal */
export function compareLists<Item>(
  from: readonly Item[],
  to: readonly Item[],
  keyOf: (item: Item) => Key,
  same: (one: Item, other: Item) => boolean,
): Differences<Item> {
  const [before, after] = [
    new Map(from.map(item => [keyOf(item), item])),
    new Map(to.map(item => [keyOf(item), item])),
  ];
  return {
    changed: to.filter(item => {
      const old = before.get(keyOf(item));
      return old === undefined || !(old === item || same(old, item));
    }),
    gone: from.filter(item => !after.has(keyOf(item))),
  };
}

/** Take out what is gone, put in what is new or differs, and sort. */
export function changeList<Item>(
  from: readonly Item[],
  changed: readonly Item[],
  gone: ReadonlySet<Key>,
  keyOf: (item: Item) => Key,
  compare: (one: Item, other: Item) => number,
): Item[] {
  const replaced = new Set(changed.map(keyOf));
  const kept = from.filter(item => !(gone.has(keyOf(item)) || replaced.has(keyOf(item))));
  return [...kept, ...changed].sort(compare);
}

/** Whether two flat values have the same fields. */
export function sameFields<Item extends object>(one: Item, other: Item): boolean {
  const fields = Object.keys(one) as (keyof Item)[];
  return Object.keys(other).length === fields.length && fields.every(field => one[field] === other[field]);
}
