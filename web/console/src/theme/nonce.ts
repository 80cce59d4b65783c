/** What the server put into the page, for its Content-Security-Policy. */
export function nonceOfPage(): string | undefined {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content || undefined
}

/**
 * Every style element that a script of ours makes carries the page's nonce. antd hands it on to most of its parts, but
 * its icons and the measuring of scroll bars forget it. Scripts are only our own (script-src 'self').
 */
export function signStyles(nonce: string | undefined): void {
  if (!nonce) return
  const create = document.createElement.bind(document) as Document["createElement"]
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const made = create(name, options)
    if (made instanceof HTMLStyleElement) made.nonce = nonce
    return made
  }) as Document["createElement"]
}
