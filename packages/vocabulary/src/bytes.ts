/** Two lower-case digits for each byte. */
export const hexOf: readonly string[] = Array.from({length: 256}, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Two lower-case digits for each byte, nothing between. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    text += hexOf[byte];
  }

  return text;
}

/** @returns undefined if `text` is not an even number of hexadecimal digits */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0) {
    return undefined;
  }

  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    const high = digitOf(text.charCodeAt(2 * index));
    const low = digitOf(text.charCodeAt(2 * index + 1));
    if (high < 0 || low < 0) {
      return undefined;
    }

    bytes[index] = 16 * high + low;
  }

  return bytes;
}

/** @returns -1 if it is no hexadecimal digit */
function digitOf(character: number): number {
  if (character >= 0x30 && character <= 0x39) {
    return character - 0x30;
  }

  const letter = character | 0x20; // Lower case
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}

export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) {
    return false;
  }

  for (let index = 0; index < one.length; index++) {
    if (one[index] !== other[index]) {
      return false;
    }
  }

  return true;
}
