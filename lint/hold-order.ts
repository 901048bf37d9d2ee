import type { OxlintOverride } from 'oxlint';

/** Imports that are refused: gitignore patterns of the text behind `from`. */
interface Refused {
  readonly group: readonly string[];
  readonly message: string;
  /** The rooms that may have them. */
  readonly except?: readonly string[];
}

/** What is special about a room. */
interface Special {
  /** The only rooms that it knows, where those are not all below it. */
  readonly knows?: readonly string[];
  /** The imports that are refused to it, instead of those that are refused to all. */
  readonly refused?: readonly Refused[];
  /** Its own rooms, the lowest first. */
  readonly rooms?: readonly string[];
}

/** A part of the house. Each of its rooms knows only those below it, type-only imports included. */
export interface Part {
  readonly path: string;
  /** Imports that are refused to all of it. */
  readonly refused: readonly Refused[];
  /** Its folders and files, the lowest first. */
  readonly rooms: readonly string[];
  readonly special?: Readonly<Record<string, Special>>;
}

/** How deep files may lie in a room: an import of another room is written with as many `../`. */
const DEPTHS = [1, 2, 3] as const;

/** Returns the lint rules that hold the order of rooms. Where several are for a file, the last one counts. */
export function holdOrder({ path, refused, rooms, special = {} }: Part): OxlintOverride[] {
  const forAll = refused.filter(({ except }) => except === undefined);
  return [
    override(`${path}/**`, forAll),
    ...rooms.flatMap((room, place) => {
      const { knows, refused: own = refused, rooms: inner = [] } = special[room] ?? {};
      const outside = own.filter(({ except = [] }) => !except.includes(room));
      const hidden = hiddenFrom(room, rooms, place, knows);
      const refuse = (prefix: string) => [...outside, refuseRooms(room, hidden, prefix, knows)];
      if (isFile(room)) return [override(`${path}/${room}`, refuse('./'))];
      return [
        ...DEPTHS.map((depth) => override(filesAt(`${path}/${room}`, depth), refuse(up(depth)))),
        ...holdInnerOrder(`${path}/${room}`, inner, refuse),
      ];
    }),
  ];
}

/** The rooms of a room know those below them in it, and no more of the others than it does. */
function holdInnerOrder(
  path: string,
  rooms: readonly string[],
  refuse: (prefix: string) => readonly Refused[],
): OxlintOverride[] {
  return rooms.flatMap((room, place) => {
    const hidden = hiddenFrom(room, rooms, place);
    if (isFile(room))
      return [override(`${path}/${room}`, [...refuse(up(1)), refuseRooms(room, hidden, './')])];
    return DEPTHS.map((depth) =>
      override(filesAt(`${path}/${room}`, depth), [
        ...refuse(up(depth + 1)),
        refuseRooms(room, hidden, up(depth)),
      ]),
    );
  });
}

/** Returns the rooms that one must not know: all above it, or all but those that it knows. */
function hiddenFrom(
  room: string,
  rooms: readonly string[],
  place: number,
  knows?: readonly string[],
): string[] {
  if (knows === undefined) return rooms.slice(place + 1);
  return rooms.filter((one) => one !== room && !knows.includes(one));
}

function refuseRooms(
  room: string,
  hidden: readonly string[],
  prefix: string,
  knows?: readonly string[],
): Refused {
  const group = hidden.map((one) => (isFile(one) ? `${prefix}${one}` : `${prefix}${one}/**`));
  return { group, message: `${room} knows only ${knows?.join(', ') ?? 'the rooms below it'}.` };
}

function isFile(room: string): boolean {
  return /\.tsx?$/.test(room);
}

function filesAt(folder: string, depth: number): string {
  return `${folder}/${'*/'.repeat(depth - 1)}*.{ts,tsx}`;
}

function up(depth: number): string {
  return '../'.repeat(depth);
}

function override(files: string, refused: readonly Refused[]): OxlintOverride {
  const patterns = refused
    .filter(({ group }) => group.length > 0)
    .map(({ group, message }) => ({ group: [...group], message }));
  return { files: [files], rules: { 'no-restricted-imports': ['error', { patterns }] } };
}
