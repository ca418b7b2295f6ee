/** Is this actor one of our people, by hand or from a notebook? Whoever is not counts as a program. */
export function isPerson(actor: string | null): actor is string {
  return actor !== null && /^(operator|notebook):/.test(actor)
}
