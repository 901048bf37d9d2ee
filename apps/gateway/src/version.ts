import gateway from '../package.json' with { type: 'json' };

/** The gateway's version, for operators. */
export const version: string = gateway.version;
