/** Spells a value as JSON like no library would: with white space and escapes wherever they are allowed. */
export function spellJson(value: unknown, random: () => number): string {
  const space = () => SPACES[Math.floor(random() * 8)] ?? '';
  const spell = (value: unknown): string => {
    if (typeof value === 'string') return spellString(value, random);
    if (Array.isArray(value))
      return `[${value.map((one) => space() + spell(one) + space()).join() || space()}]`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const fields = Object.entries(value).filter(([, one]) => one !== undefined);
    const written = fields.map(
      ([key, one]) => `${space()}${JSON.stringify(key)}${space()}:${space()}${spell(one)}${space()}`,
    );
    return `{${written.join() || space()}}`;
  };
  return space() + spell(value) + space();
}

const SPACES = [' ', '\n', '\t ', '\r\n  '];

/** Half of a surrogate pair has no bytes of its own, so it must be an escape. */
function spellString(text: string, random: () => number): string {
  const isEscapedThroughout = random() < 0.1;
  const characters = Array.from(text, (character) => {
    const isAlone = /^[\ud800-\udfff]$/.test(character);
    if (isAlone || isEscapedThroughout || random() < 0.05) return character.split('').map(escape).join('');
    return JSON.stringify(character).slice(1, -1);
  });
  return `"${characters.join('')}"`;
}

function escape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
