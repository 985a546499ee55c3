// Addresses inside the page, for <a href data-go>; window and language are kept by who follows them.
export const linkTo = (args) => `?${new URLSearchParams(Object.entries(args).filter(([, v]) => v !== null && v !== undefined && v !== ""))}`;
// Where a figure of the place comes from; without a start: of the window that is live.
export const explainAt = (s, indicator, kind, start) => linkTo({ room: "explain", node: s.place, indicator, kind, start });
