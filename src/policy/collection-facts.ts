/** What policies need to know of one property. Names are exact, as the collection defines them. */
export interface PropertyFacts {
  readonly typeName: string;
  /** Each transformation the property can be asked with, and the other properties its function reads. */
  readonly transformations: ReadonlyMap<string, readonly string[]>;
  /** The transformation a custom type applies when the property is asked plainly. */
  readonly defaultTransformation?: string;
}

/** What policies need to know of one collection, built-in properties included. */
export interface CollectionFacts {
  readonly name: string;
  readonly properties: ReadonlyMap<string, PropertyFacts>;
}
