type Scalar = string | number | boolean | Uint8Array;

/**
 * A message as the decoder leaves it: each scalar has a value (0, '' or empty where the wire had none), each list
 * is there, and only messages within messages may be missing.
 */
export type Decoded<Message> = {
  readonly [Name in keyof Message as Name extends '$unknowns' ? never : Name]-?: DecodedField<
    NonNullable<Message[Name]>,
    Message[Name]
  >;
};

type DecodedField<Field, Declared> = Field extends Scalar
  ? undefined extends Declared
    ? null extends Declared
      ? Field
      : Field | undefined
    : Field
  : Field extends readonly (infer Element)[]
    ? readonly (Element extends Scalar ? Element : Decoded<Element>)[]
    : Decoded<Field> | null | undefined;

/** A message as it is handed to the encoder: unset fields keep their zero. What was decoded can be encoded again. */
export type Encodable<Message> = {
  readonly [Name in keyof Message as Name extends '$unknowns' ? never : Name]?:
    | EncodableField<NonNullable<Message[Name]>>
    | undefined;
};

type EncodableField<Field> = Field extends Scalar
  ? Field
  : Field extends readonly (infer Element)[]
    ? readonly (Element extends Scalar ? Element : Encodable<Element>)[]
    : Encodable<Field> | null | undefined;
