/** Lets whatever waits for the page's thread go first, and goes on then: a timer would sleep for a second in a hidden tab. */
export function yieldToBrowser(): Promise<void> {
  return new Promise((go) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      go()
    }
    port2.postMessage(undefined)
  })
}
