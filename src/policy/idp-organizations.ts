import {
  type Table,
  invalid,
  member,
  readOpenTable,
  readOptionalString,
  readString,
  readStrings,
  readTable,
} from './iam-fields.js';

/** What a hook does with the organizations that its users log in to (docs/adr/0065). */
export interface IdpOrganizations {
  /** Of an object for each user and organization. */
  readonly collection: string;
  /** Where an attribute stands at the provider -> the property of that object it goes into; nothing else does. */
  readonly map: ReadonlyMap<string, string>;
  /** Client of the provider -> the properties its tokens stand for; undefined: no lists, every client gets all. */
  readonly clients: ReadonlyMap<string, readonly string[]> | undefined;
  /** The claim that the provider puts the token into, where the hook itself was not told. */
  readonly claim: string | undefined;
  /** The claim of the user that is the organization's id, where the provider's events do not name it otherwise. */
  readonly idClaim: string | undefined;
}

const KEYS = ['collection', 'map', 'clients', 'claim', 'id_claim'];

/** Validates the structure of `[idp_hooks.<name>.organizations]`; undefined where there is none. Throws PV9011 naming the field. */
export function readIdpOrganizations(hook: Table, path: string): IdpOrganizations | undefined {
  const value = member(hook, 'organizations');
  if (value === undefined) return undefined;
  const place = `${path}.organizations`;
  const table = readTable(value, place, KEYS);
  return {
    collection: readString(table, 'collection', place),
    map: new Map(Object.entries(readStrings(table, 'map', place))),
    clients: readClients(table, place),
    claim: readOptionalString(table, 'claim', place),
    idClaim: readOptionalString(table, 'id_claim', place),
  };
}

/** The table that `readIdpOrganizations` reads back as the same. */
export function writeIdpOrganizations({ collection, map, clients, claim, idClaim }: IdpOrganizations): Table {
  return {
    collection,
    map: Object.fromEntries(map),
    ...(clients && { clients: Object.fromEntries(clients) }),
    ...(claim !== undefined && { claim }),
    ...(idClaim !== undefined && { id_claim: idClaim }),
  };
}

/** Lists of properties by client, if there are any. Throws PV9011 naming the field. */
export function readClients(table: Table, path: string): IdpOrganizations['clients'] {
  const value = member(table, 'clients');
  if (value === undefined) return undefined;
  const place = `${path}.clients`;
  return new Map(
    Object.entries(readOpenTable(value, place)).map(([client, list]) => {
      const words = Array.isArray(list) && list.every((word) => typeof word === 'string') ? list : null;
      return [client, words ?? invalid(place, 'Each client must have a list of properties.')];
    }),
  );
}
